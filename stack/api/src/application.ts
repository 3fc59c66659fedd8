import { ConsoleLogger, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module';
import { Configuration } from './configuration/configuration';
import { addFaultHooks } from './configuration/fault-hooks';

/** The whole application, ready to listen; the tests start it the same way. */
export async function createApplication(configuration: Configuration): Promise<NestFastifyApplication> {
  // The id that the proxy logs is that of both lines here too.
  const adapter = new FastifyAdapter({ logger: { level: configuration.logLevel }, requestIdHeader: 'x-request-id' });
  if (configuration.faultsAllowed) {
    addFaultHooks(adapter.getInstance(), configuration.faults);
  }
  // Forms with files are read by those who take them.
  adapter.getInstance().addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const application = await NestFactory.create<NestFastifyApplication>(AppModule.register(configuration), adapter, {
    logger: configuration.logLevel === 'silent' ? false : new ConsoleLogger({ json: true, logLevels: ['log', 'warn', 'error', 'fatal'] }),
    abortOnError: false,
  });
  // The classic pages lie beside the API.
  application.setGlobalPrefix('api', { exclude: ['classic', 'classic/*path'] });
  application.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }));
  await application.init();
  return application;
}
