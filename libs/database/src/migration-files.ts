import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

export interface Migration {
  /** As recorded: `auth/0001_accounts.sql`. */
  readonly name: string;
  readonly number: number;
  readonly sql: string;
  readonly checksum: string;
}

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;

/** The migrations of one directory in their order, each named `<set>/NNNN_name.sql`. */
export async function readMigrations(set: string, directory: URL | string): Promise<readonly Migration[]> {
  const path = typeof directory === 'string' ? directory : fileURLToPath(directory);
  const files = (await listDirectory(path)).filter((file) => file.endsWith('.sql')).sort();
  const migrations = await Promise.all(files.map((file) => readMigration(set, path, file)));
  let last = -1;
  for (const { number, name } of migrations) {
    if (number === last) throw new MigrationError(`two migrations have the number of ${name}`);
    last = number;
  }
  return migrations;
}

async function listDirectory(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    throw new MigrationError(`migrations cannot be read from ${path}`, { cause: error });
  }
}

async function readMigration(set: string, path: string, file: string): Promise<Migration> {
  const number = FILE_NAME.exec(file)?.[1];
  if (number === undefined) throw new MigrationError(`${join(path, file)}: a migration is named NNNN_name.sql`);
  // A checkout with other line ends is the same migration.
  const sql = (await readFile(join(path, file), 'utf8')).replaceAll('\r\n', '\n');
  const checksum = createHash('sha256').update(sql).digest('hex');
  return { name: `${set}/${file}`, number: Number(number), sql, checksum };
}
