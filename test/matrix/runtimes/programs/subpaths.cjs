// Requires each subpath that is given; prints the names that each exports.
const names = {};
for (const subpath of process.argv.slice(2)) names[subpath] = Object.keys(require(subpath)).sort();
console.log(JSON.stringify(names));
