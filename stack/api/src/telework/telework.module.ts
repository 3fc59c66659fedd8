import { Module } from '@nestjs/common';
import { TeleworkController } from './telework.controller';
import { TeleworkService } from './telework.service';

@Module({ controllers: [TeleworkController], providers: [TeleworkService] })
export class TeleworkModule {}
