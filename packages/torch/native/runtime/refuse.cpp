#include "runtime/refuse.h"

#include <new>
#include <stdexcept>

namespace flambeau {

void refuse(const char* reason) { throw std::runtime_error(reason); }
void refuseMemory() { throw std::bad_alloc(); }

}  // namespace flambeau
