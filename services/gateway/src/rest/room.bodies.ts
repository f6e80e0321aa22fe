import { DocumentType, RoomRole, type LoggedOperation, type RoomSummary } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';

/** What REST says of collab's rooms. */

export const RoomSummaryBody = Type.Object({
  id: Type.String(),
  type: DocumentType,
  version: Type.Integer(),
  public: Type.Boolean(),
  role: RoomRole,
  created_at: Type.String({ format: 'date-time' }),
});

export function summaryBody({ createdAt, ...room }: RoomSummary): Static<typeof RoomSummaryBody> {
  const { id, type, version, role } = room;
  return { id, type, version, public: room.public, role, created_at: createdAt };
}

export const RoomBody = Type.Composite([
  RoomSummaryBody,
  Type.Object({ content: Type.Unknown(), checksum: Type.String() }),
]);

/** `content`: as JSON text. */
export function roomBody(room: RoomSummary & { readonly checksum: string }, content: string): Static<typeof RoomBody> {
  const parsed: unknown = JSON.parse(content);
  return { ...summaryBody(room), content: parsed, checksum: room.checksum };
}

const OperationBody = Type.Object({
  id: Type.String(),
  user_id: Type.String({ format: 'uuid' }),
  base_version: Type.Integer(),
  version: Type.Integer(),
  operation: Type.Unknown(),
});

export const OperationsBody = Type.Object({
  version: Type.Integer(),
  operations: Type.Array(OperationBody),
  more: Type.Boolean(),
});

export function operationBody(logged: LoggedOperation): Static<typeof OperationBody> {
  const operation: unknown = JSON.parse(logged.operation);
  const { id, userId, baseVersion, version } = logged;
  return { id, user_id: userId, base_version: baseVersion, version, operation };
}
