import { BadRequestException, Body, Controller, Get, type MessageEvent, Post, Req, Res, Sse } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { interval, map, type Observable, take } from 'rxjs';
import { Public } from '../auth/decorators';
import { TasksService } from '../tasks/tasks.service';
import { ClassicService, ClassicSession } from './classic.service';
import { challenge } from './digest';
import { ListedTask, loginPage, refusedPage, tasksPage, uploadPage } from './pages';

const HOME = '/classic/tasks';
const LOGIN = '/classic/login';

type Fields = Record<string, unknown> | undefined;

/** Pages made on the server, with a form to log in, a token in each form and a session cookie. */
@Public()
@Controller('classic')
export class ClassicController {
  constructor(
    private readonly classic: ClassicService,
    private readonly tasks: TasksService,
  ) {}

  @Get('login')
  async form(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const session = (await this.classic.find(request.headers.cookie)) ?? (await this.classic.begin());
    return html(keep(reply, session), 200, loginPage(session.token));
  }

  @Post('login')
  async logIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Body() fields: Fields) {
    const before = await this.classic.find(request.headers.cookie);
    if (!this.classic.isOf(before, fields?._token)) {
      return html(reply, 403, refusedPage());
    }
    const session = await this.classic.logIn(before, fields?.login, fields?.password);
    if (!session) {
      // As frameworks do: the form again, with the status of a page.
      return html(reply, 200, loginPage(before.token, 'Login ou mot de passe incorrect'));
    }
    return keep(reply, session).redirect(HOME, 303);
  }

  @Get('tasks')
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const session = await this.classic.find(request.headers.cookie);
    if (!session?.login) {
      return reply.redirect(LOGIN, 302);
    }
    const page = Math.max(1, Math.trunc(Number((request.query as { page?: string }).page)) || 1);
    const { data, meta } = await this.tasks.findAll(page, 20, {});
    const next = page < meta.totalPages ? page + 1 : undefined;
    return html(reply, 200, tasksPage(session.login, session.token, data as unknown as ListedTask[], next));
  }

  @Post('files')
  async upload(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Body() body: unknown) {
    const session = await this.classic.find(request.headers.cookie);
    if (!session?.login) {
      return reply.redirect(LOGIN, 302);
    }
    if (!Buffer.isBuffer(body)) {
      throw new BadRequestException('Un formulaire multipart est attendu');
    }
    const form = await formOf(new Uint8Array(body), request.headers['content-type'] ?? '');
    if (!this.classic.isOf(session, form.get('_token'))) {
      return html(reply, 403, refusedPage());
    }
    const file = form.get('file');
    if (!(file instanceof File)) {
      throw new BadRequestException('Aucun fichier');
    }
    return html(reply, 201, uploadPage(await this.classic.describe(file)));
  }

  /** Events as a page follows them while something is done: five steps of a fifth of a second. */
  @Sse('progress')
  progress(): Observable<MessageEvent> {
    const step = (index: number) => ({ type: index === 0 ? 'begin' : 'progress', data: { percent: index * 25 } });
    return interval(200).pipe(take(5), map(step));
  }

  /** Tasks for programs, which authenticate themselves by HTTP. */
  @Get('feed')
  async feed(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const unanswered = challenge(request.method, request.url, request.headers.authorization);
    if (unanswered) {
      return reply.code(401).header('www-authenticate', unanswered).send({ statusCode: 401, message: 'Non autorisé' });
    }
    const { data } = await this.tasks.findAll(1, 20, {});
    return reply.send({ tasks: data });
  }

  @Post('logout')
  async logOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Body() fields: Fields) {
    const session = await this.classic.find(request.headers.cookie);
    if (!this.classic.isOf(session, fields?._token)) {
      return html(reply, 403, refusedPage());
    }
    await this.classic.end(session);
    return reply.header('set-cookie', 'sid=; Path=/classic; Max-Age=0').redirect(LOGIN, 303);
  }
}

async function formOf(body: Uint8Array<ArrayBuffer>, type: string): Promise<FormData> {
  try {
    return await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch {
    throw new BadRequestException('Le formulaire est illisible');
  }
}

function keep(reply: FastifyReply, session: ClassicSession): FastifyReply {
  return reply.header('set-cookie', `sid=${session.id}; Path=/classic; HttpOnly; SameSite=Lax`);
}

function html(reply: FastifyReply, status: number, page: string) {
  return reply.code(status).type('text/html; charset=utf-8').send(page);
}
