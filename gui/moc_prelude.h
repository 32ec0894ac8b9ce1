#pragma once

// Read by moc before each header. It knows the macros of the standard library only once it has met
// one that includes their definitions, and `<chrono>` first is not one.
#include <string>
