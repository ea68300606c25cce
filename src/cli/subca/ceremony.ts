/** `subca ceremony …`: the key ceremony of a node. */
import { JournalWriter, nodeCeremony, rehearseNode, SubCaNode } from '../../node';
import { ceremonyCommands } from '../ceremony';

export const ceremony = ceremonyCommands({
  program: 'subca',
  kind: 'node',
  withParty: async (directory, surroundings, work) => {
    const node = await SubCaNode.open(directory, surroundings);
    try {
      return await work(nodeCeremony(node, new JournalWriter(node)));
    } finally {
      await node.close();
    }
  },
  rehearse: rehearseNode,
});
