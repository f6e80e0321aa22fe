declare module 'sharedb-postgres' {
  import type { DB } from 'sharedb';

  interface Settings {
    readonly connectionString: string;
    readonly max: number;
  }

  interface PostgresDB extends DB {
    /** Its connections; the adapter itself applies no schema. */
    readonly _pool: { query(text: string): Promise<unknown> };
  }

  function PostgresDB(settings: Settings): PostgresDB;
  export = PostgresDB;
}
