/** `rootca ceremony …`: the key ceremony of the root. */
import { rehearseRoot, RootCa, rootCeremony } from '../../root';
import { ceremonyCommands } from '../ceremony';

export const ceremony = ceremonyCommands({
  program: 'rootca',
  kind: 'root',
  withParty: async (directory, surroundings, work) => {
    const root = await RootCa.open(directory, surroundings);
    try {
      return await work(rootCeremony(root));
    } finally {
      await root.close();
    }
  },
  rehearse: rehearseRoot,
});
