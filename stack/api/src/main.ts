import { createApplication } from './application';
import { Configuration } from './configuration/configuration';

async function bootstrap(): Promise<void> {
  const configuration = new Configuration(process.env);
  const application = await createApplication(configuration);
  application.enableShutdownHooks();
  await application.listen(configuration.port, '0.0.0.0');
}

bootstrap().catch((error: Error) => {
  console.error(`error: ${error.message}`);
  process.exit(1);
});
