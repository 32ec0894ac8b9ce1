#pragma once

// Read by moc before each file: what the library's other headers expect to be there.
#include <cstddef>
