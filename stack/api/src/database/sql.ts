/** Collects the conditions of a WHERE clause with their positional values. */
export class Filter {
  readonly values: unknown[] = [];
  private readonly conditions: string[] = [];

  /** Adds `condition`, in which `?` stands for the value, unless the value is absent. */
  where(condition: string, value: unknown): this {
    if (value !== undefined) {
      this.conditions.push(condition.replace('?', `$${this.values.push(value)}`));
    }
    return this;
  }

  get sql(): string {
    return this.conditions.length > 0 ? `WHERE ${this.conditions.join(' AND ')}` : '';
  }

  /** The values, and a LIMIT clause whose two values come last. */
  paged(page: number, limit: number): { limitSql: string; values: unknown[] } {
    const next = this.values.length + 1;
    return {
      limitSql: `LIMIT $${next} OFFSET $${next + 1}`,
      values: [...this.values, limit, (page - 1) * limit],
    };
  }
}

/** The columns that a create or patch body sets, in the order of `columns`. */
export function givenColumns<Body extends object>(body: Body, columns: readonly (keyof Body & string)[]) {
  const names = columns.filter((column) => body[column] !== undefined);
  return { names, values: names.map((name) => body[name] as unknown) };
}

export function insertSql(table: string, names: readonly string[]): string {
  const places = names.map((_, index) => `$${index + 1}`);
  return `INSERT INTO ${table} (${names.map(quote).join(', ')}) VALUES (${places.join(', ')})`;
}

/** An UPDATE by id, which is the first value; `updatedAt` is set as well. */
export function updateSql(table: string, names: readonly string[]): string {
  const changes = names.map((name, index) => `${quote(name)} = $${index + 2}`);
  return `UPDATE ${table} SET ${[...changes, '"updatedAt" = now()'].join(', ')} WHERE id = $1`;
}

function quote(name: string): string {
  return `"${name}"`;
}
