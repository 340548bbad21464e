import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('runs')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('started_at', 'integer', (column) => column.notNull())
    .addColumn('ended_at', 'integer')
    .addColumn('process', 'text', (column) => column.notNull())
    .addColumn('exit_code', 'integer')
    .addColumn('bytes', 'integer')
    .addColumn('detail', 'text')
    .execute();
  await db.schema.createIndex('runs_by_start').on('runs').column('started_at').execute();
}
