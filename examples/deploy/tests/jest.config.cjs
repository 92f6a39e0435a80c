module.exports = {
  testEnvironment: 'node',
  transform: {},
  testMatch: ['**/jest.test.cjs'],
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'json'],
};
