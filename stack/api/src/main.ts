import { createApplication } from './application';
import { Configuration } from './configuration/configuration';
import { createFaultControl, FAULT_CONTROL } from './configuration/fault-control';

async function bootstrap(): Promise<void> {
  const configuration = new Configuration(process.env);
  const application = await createApplication(configuration);
  application.enableShutdownHooks();
  if (configuration.faultsAllowed) {
    // It keeps no process from ending.
    createFaultControl(configuration.faults).listen(FAULT_CONTROL).unref();
  }
  await application.listen(configuration.port, '0.0.0.0');
}

bootstrap().catch((error: Error) => {
  console.error(`error: ${error.message}`);
  process.exit(1);
});
