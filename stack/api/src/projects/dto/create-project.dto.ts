import { IsDateString, IsEnum, IsOptional, IsString, Length } from 'class-validator';
import { Priority, ProjectStatus } from '../../common/enums';

export class CreateProjectDto {
  @IsString()
  @Length(3, 100)
  name!: string;

  @IsOptional()
  @IsString()
  description?: string;

  @IsOptional()
  @IsEnum(ProjectStatus)
  status?: ProjectStatus;

  @IsOptional()
  @IsEnum(Priority)
  priority?: Priority;

  @IsDateString()
  startDate!: string;

  @IsDateString()
  endDate!: string;

  // Unchecked, as in production: anything but a number is refused by PostgreSQL, with a 500.
  @IsOptional()
  budgetHours?: number;
}
