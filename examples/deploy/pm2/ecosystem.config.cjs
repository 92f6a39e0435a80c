module.exports = {
  apps: [
    {
      name: 'tt-service',
      script: 'server.mjs',
      cwd: __dirname,
      exec_mode: 'cluster',
      instances: 4,
      wait_ready: true, // an instance counts as started when it says so, not before it has a token
      listen_timeout: 30_000,
      kill_timeout: 10_000,
      env: {
        TT_API_SECRET_FILE: '/etc/tt-service/secret', // of the service's user, mode 0400
        TT_TOKEN_FILE: '/var/lib/tt-service/token.json', // in a folder of the service's user, mode 0700
      },
    },
  ],
};
