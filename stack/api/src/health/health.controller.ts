import { Controller, Get } from '@nestjs/common';
import { Public } from '../auth/decorators';

/** As in production, says that the process answers, and nothing of what it depends on. */
@Controller('health')
export class HealthController {
  @Public()
  @Get()
  check() {
    return { status: 'ok', timestamp: new Date().toISOString(), uptime: process.uptime() };
  }
}
