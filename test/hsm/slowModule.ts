/** A PKCS#11 library that is another one, but takes its time for one function. */
import { execFileSync } from 'node:child_process';

/** PKCS#11 v2.40: places in CK_FUNCTION_LIST. */
const PLACES = { C_SignInit: 42, C_Sign: 43 } as const;
export type SlowFunction = keyof typeof PLACES;

const source = (library: string, milliseconds: number, place: number): string => `
  #include <dlfcn.h>
  #include <unistd.h>
  /* Arguments that a function does not have are passed on and not looked at. */
  typedef unsigned long word;
  typedef word (*function)(word, word, word, word, word);
  static struct { unsigned char version[2]; void *functions[68]; } list;
  static function original;
  static word slow(word a, word b, word c, word d, word e) {
    sleep(${String(Math.floor(milliseconds / 1000))});
    usleep(${String((milliseconds % 1000) * 1000)});
    return original(a, b, c, d, e);
  }
  unsigned long C_GetFunctionList(void **result) {
    void *library = dlopen("${library}", RTLD_NOW);
    unsigned long (*of)(void *) = library ? dlsym(library, "C_GetFunctionList") : 0;
    void *other;
    if (!of || of(&other)) return 5;
    __builtin_memcpy(&list, other, sizeof list);
    original = (function)list.functions[${String(place)}];
    list.functions[${String(place)}] = slow;
    *result = &list;
    return 0;
  }
`;

/**
 * @param file where to put it; the compiler is there because the native modules of this project need it
 * @param library path of the other one
 */
export function makeSlowModule(
  file: string,
  library: string,
  milliseconds: number,
  slow: SlowFunction = 'C_SignInit',
): void {
  const arguments_ = ['-shared', '-fPIC', '-x', 'c', '-o', file, '-', '-ldl'];
  execFileSync('cc', arguments_, { input: source(library, milliseconds, PLACES[slow]) });
}
