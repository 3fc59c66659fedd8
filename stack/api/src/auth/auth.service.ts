import { randomUUID } from 'node:crypto';
import { ConflictException, Injectable, UnauthorizedException } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { hash, verify } from '@node-rs/bcrypt';
import { Role } from '../common/enums';
import { Configuration } from '../configuration/configuration';
import { SessionService } from '../session/session.service';
import { UsersService } from '../users/users.service';
import type { TokenClaims } from './authenticated-request';
import { LoginDto } from './dto/login.dto';
import { RegisterDto } from './dto/register.dto';

@Injectable()
export class AuthService {
  constructor(
    private readonly configuration: Configuration,
    private readonly jwt: JwtService,
    private readonly session: SessionService,
    private readonly users: UsersService,
  ) {}

  async login({ login, password }: LoginDto) {
    const account = await this.users.findForLogin(login);
    // As in production, an unknown login is refused without the cost of bcrypt.
    if (!account || !(await verify(password, account.passwordHash))) {
      throw new UnauthorizedException('Login ou mot de passe incorrect');
    }
    if (!account.isActive) {
      throw new UnauthorizedException('Compte désactivé');
    }
    const { passwordHash: _hash, isActive: _active, ...user } = account;
    return { access_token: await this.tokenFor(user), user };
  }

  async register({ password, serviceIds, ...registration }: RegisterDto) {
    if (await this.users.isTaken(registration.email, registration.login)) {
      throw new ConflictException('Email ou login déjà utilisé');
    }
    const user = await this.users.create(
      { role: Role.CONTRIBUTEUR, ...registration, passwordHash: await hash(password, this.configuration.bcryptCost) },
      serviceIds ?? [],
    );
    return { access_token: await this.tokenFor(user), user };
  }

  logout(token: TokenClaims): Promise<void> {
    return this.session.revoke(token.jti, token.exp);
  }

  profile(id: string) {
    return this.users.findProfile(id);
  }

  private tokenFor(user: { id: string; login: string; role: Role }): Promise<string> {
    return this.jwt.signAsync({ sub: user.id, login: user.login, role: user.role }, { jwtid: randomUUID() });
  }
}
