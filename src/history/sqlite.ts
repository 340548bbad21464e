import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { up as runs } from './migrations/001-runs.ts';
import type { HistorySchema } from './schema.ts';

/** Milliseconds to wait for another process that writes. */
const patience = 2000;

/** Opens the file, made anew if it is not there, with all migrations done. */
export async function openSqlite(file: string): Promise<Kysely<HistorySchema>> {
  const db = new Kysely<HistorySchema>({
    dialect: new SqliteDialect({ database: adapt(new DatabaseSync(file)) }),
  });
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ '001-runs': { up: runs } }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    await db.destroy();
    throw error;
  }
  return db;
}

/** Makes `node:sqlite` look like the driver that the dialect expects. */
function adapt(database: DatabaseSync): SqliteDatabase {
  database.exec(`PRAGMA busy_timeout = ${patience}; PRAGMA journal_mode = WAL;`);
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      };
    },
  };
}
