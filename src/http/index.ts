/** Servers and the registry's client. */
export { createPublicServer } from './publicServer';
export { askReadiness, type Readiness } from './readiness';
export { registryCarrier } from './registryClient';
export { createRegistryServer } from './registryServer';
export { listen, type Listening } from './server';
