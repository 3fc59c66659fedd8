import type { Database } from './database.service';

/**
 * Counts, for each id, the rows that point at it: one statement whatever the number of ids.
 * `links` maps the name of a count to the table and foreign key it counts.
 */
export async function countLinks<Name extends string>(
  database: Database,
  ids: string[],
  links: Record<Name, [table: string, foreignKey: string]>,
): Promise<Map<string, Record<Name, number>>> {
  const names = Object.keys(links) as Name[];
  const counts = new Map(
    ids.map((id) => [id, Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>]),
  );
  if (ids.length === 0) {
    return counts;
  }
  const branches = names.map((name) => {
    const [table, foreignKey] = links[name];
    return `SELECT '${name}' AS name, "${foreignKey}" AS id, count(*)::int AS count
      FROM ${table} WHERE "${foreignKey}" = ANY($1) GROUP BY "${foreignKey}"`;
  });
  const rows = await database.rows<{ name: Name; id: string; count: number }>(branches.join(' UNION ALL '), [ids]);
  for (const { name, id, count } of rows) {
    counts.get(id)![name] = count;
  }
  return counts;
}
