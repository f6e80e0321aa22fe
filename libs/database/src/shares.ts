/**
 * How many of `total` shards each member gets: as even as can be, the remainder going to the first ones in the order of
 * their names, so that every member that knows the same list comes to the same answer.
 */
export function shareOf(member: string, others: readonly string[], total: number): number {
  const rank = others.filter((other) => other < member).length;
  const members = others.length + 1;
  return Math.floor(total / members) + (rank < total % members ? 1 : 0);
}
