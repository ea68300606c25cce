/** A database file opened behind the program's back: to look in while it works, and to damage it. */
import { Database, OPEN_READWRITE } from 'sqlite3';

export type Value = string | number | Buffer | null;
export type Row = Readonly<Record<string, Value>>;

export class RawDatabase {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
    database.configure('busyTimeout', 10_000);
  }

  static async open(file: string): Promise<RawDatabase> {
    return new Promise((resolve, reject) => {
      const database = new Database(file, OPEN_READWRITE, (failure) => {
        if (failure === null) resolve(new RawDatabase(database));
        else reject(failure);
      });
    });
  }

  async rows<T = Row>(sql: string, ...parameters: readonly Value[]): Promise<readonly T[]> {
    return new Promise((resolve, reject) => {
      this.#database.all<T>(sql, parameters, (failure, rows) => {
        if (failure === null) resolve(rows);
        else reject(failure);
      });
    });
  }

  /** The one column of the one row. */
  async value(sql: string, ...parameters: readonly Value[]): Promise<Value> {
    const [row] = await this.rows(sql, ...parameters);
    return Object.values(row ?? {})[0] ?? null;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#database.close((failure) => {
        if (failure === null) resolve();
        else reject(failure);
      });
    });
  }
}
