// @ts-check

/** @typedef {import('@parley/testing').Cluster} Cluster */

/**
 * Everybody comes from one address here, and nobody registers by hand; the rest is as it is by default.
 * `PARLEY_LOG_LEVEL`: what is worth reading after a failure.
 */
export const ENV = {
  PARLEY_AUTH_REGISTRATIONS_PER_ADDRESS: '0',
  PARLEY_GATEWAY_CONNECTIONS_PER_ADDRESS_MAX: '1000000',
  PARLEY_LOG_LEVEL: 'warn',
};

/** For tests on a busy machine, where coming back may take longer than a party waits for anyone. */
export const LENIENT = { PARLEY_SESSION_GRACE_MS: '90000', PARLEY_SESSION_HOST_GRACE_MS: '90000' };

/**
 * A cluster of the run's own on free ports. The tests' shared Postgres is used where there is one.
 * @param {{gateways: number, env?: Record<string, string>, envOf?: Record<string, Record<string, string>>, postgres?: boolean}} options
 * @returns {Promise<{cluster: Cluster, postgresPid: number | undefined, stop: () => Promise<void>}>}
 */
export async function startLoadCluster({ gateways, env = {}, envOf = {}, postgres = true }) {
  const { startCluster, startPostgres } = await import('@parley/testing');
  const own = postgres ? await startPostgres({ settings: { shared_buffers: '256MB' } }) : undefined;
  try {
    const cluster = await startCluster({
      gateways,
      env: { ...ENV, ...env },
      envOf,
      ...(own === undefined ? {} : { databaseUrl: own.url }),
    });
    return {
      cluster,
      postgresPid: own?.process.pid,
      async stop() {
        await cluster.stop();
        await own?.stop();
      },
    };
  } catch (error) {
    await own?.stop();
    throw error;
  }
}
