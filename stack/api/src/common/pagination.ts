import { ParseIntPipe, Query } from '@nestjs/common';

export interface Page<Row> {
  data: Row[];
  meta: { total: number; page: number; limit: number; totalPages: number };
}

/** A page of a list. A limit of zero gives `totalPages` null, as JSON has no infinity. */
export function toPage<Row>(data: Row[], total: number, page: number, limit: number): Page<Row> {
  return { data, meta: { total, page, limit, totalPages: Math.ceil(total / limit) } };
}

export const PageQuery = () => Query('page', new ParseIntPipe({ optional: true }));
export const LimitQuery = () => Query('limit', new ParseIntPipe({ optional: true }));
