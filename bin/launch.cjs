/* Starts a built program. Old syntax throughout, so that an old Node can read this far and say what it lacks. */
'use strict';

// Before anything uses the thread pool: each PKCS#11 session that signs takes a thread, and the default is four.
process.env.UV_THREADPOOL_SIZE = process.env.UV_THREADPOOL_SIZE || '8';

var fs = require('fs');
var path = require('path');

var LEAST = [20, 17];
/* The exit code of wrong usage or configuration. */
var INPUT = 2;

module.exports = function launch(program) {
  var version = process.versions.node.split('.').map(Number);
  if (version[0] < LEAST[0] || (version[0] === LEAST[0] && version[1] < LEAST[1])) {
    stop(
      program + ' cần Node.js từ ' + LEAST.join('.') + '; đang chạy ' + process.version + '.',
      program + ' needs Node.js ' + LEAST.join('.') + ' or newer; this is ' + process.version + '.',
    );
  }
  var main = path.join(__dirname, '..', 'dist', 'cli', program, 'main.js');
  if (!fs.existsSync(main)) {
    stop(
      program + ' chưa được biên dịch (không có ' + main + '). Hãy chạy scripts/install.',
      program + ' is not built yet (' + main + ' does not exist). Run scripts/install.',
    );
  }
  require(main)
    .run(process.argv.slice(2))
    .then(function (code) {
      // Not process.exitCode: a PKCS#11 module or a database may hold threads that keep the process alive. One that
      // is inside a module now would keep it alive even so; run() does not come back then.
      process.exit(code);
    });
};

function stop(vi, en) {
  fs.writeSync(2, vi + '\n' + en + '\n');
  process.exit(INPUT);
}
