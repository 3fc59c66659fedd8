import { BadRequestException } from '@nestjs/common';

type Moment = string | Date | null | undefined;

/** Refuses an end that is not after its start, where both are given. */
export function assertEndsAfterStart(start: Moment, end: Moment): void {
  if (start && end && new Date(end) <= new Date(start)) {
    throw new BadRequestException('La date de fin doit être postérieure à la date de début');
  }
}
