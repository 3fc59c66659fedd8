import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import type { AuthenticatedUser, TokenClaims } from './authenticated-request';
import { AuthService } from './auth.service';
import { CurrentToken, CurrentUser, Public } from './decorators';
import { LoginDto } from './dto/login.dto';
import { RegisterDto } from './dto/register.dto';

@Controller('auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Public()
  @Post('login')
  @HttpCode(200)
  login(@Body() credentials: LoginDto) {
    return this.auth.login(credentials);
  }

  @Public()
  @Post('register')
  register(@Body() registration: RegisterDto) {
    return this.auth.register(registration);
  }

  @Post('logout')
  @HttpCode(204)
  logout(@CurrentToken() token: TokenClaims) {
    return this.auth.logout(token);
  }

  @Get('me')
  me(@CurrentUser() user: AuthenticatedUser) {
    return user;
  }

  @Get('profile')
  profile(@CurrentUser() user: AuthenticatedUser) {
    return this.auth.profile(user.id);
  }
}
