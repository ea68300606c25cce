/** Address blocks: which texts are blocks, and which addresses lie in one. */
import fc from 'fast-check';
import { inNetwork, readNetwork, type Network } from '../../src/delegation/network';

function block(text: string): Network {
  const network = readNetwork(text);
  if (network === undefined) throw new Error(`${text} is no block`);
  return network;
}

describe('reading a block', () => {
  test.each([
    ['0.0.0.0/0', '00000000', 0],
    ['10.20.30.40/32', '0a141e28', 32],
    ['::/0', '00'.repeat(16), 0],
    ['::1/128', `${'00'.repeat(15)}01`, 128],
    ['2001:db8::/32', `20010db8${'00'.repeat(12)}`, 32],
    ['2001:db8:0:1::ffff/64', '20010db8000000010000000000' + '00ffff', 64],
    ['1:2:3:4:5:6:7:8/9', '00010002000300040005000600070008', 9],
    ['1::/16', `0001${'00'.repeat(14)}`, 16],
  ])('%s', (text, hex, bits) => {
    expect(readNetwork(text)).toEqual({ octets: Buffer.from(hex, 'hex'), bits });
  });

  test.each([
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0 /8',
    '10.0.0/8',
    '10.0.0.256/8',
    '010.0.0.0/8',
    '::/129',
    '::ffff:10.0.0.0/104',
    'fe80::1%eth0/64',
    '2001:DB8::/32',
    '1:2:3:4:5:6:7:8:9/16',
    '1::2::3/16',
    '/8',
    '',
  ])('no block: "%s"', (text) => {
    expect(readNetwork(text)).toBeUndefined();
  });
});

test('an address lies in a block if and only if its first bits are the block’s', () => {
  const octets = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(octets, fc.nat(), fc.nat(), (address, someBits, somePlace) => {
      const length = address.length * 8;
      const bits = someBits % (length + 1);
      const place = somePlace % length;
      const network = { octets: Buffer.from(address), bits };
      const other = Buffer.from(address);
      other[place >> 3] = (other[place >> 3] ?? 0) ^ (0x80 >> (place & 7));
      expect(inNetwork(Buffer.from(address), network)).toBe(true);
      expect(inNetwork(other, network)).toBe(place >= bits);
    }),
  );
});

test('the two families are apart, even in the blocks of everything', () => {
  expect(inNetwork(Buffer.alloc(16), block('0.0.0.0/0'))).toBe(false);
  expect(inNetwork(Buffer.alloc(4), block('::/0'))).toBe(false);
});
