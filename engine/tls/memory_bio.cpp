#include "engine/tls/memory_bio.h"

#include <algorithm>
#include <cstring>

namespace signalbox::tls {
namespace {

int read_memory(BIO* bio, char* into, std::size_t size, std::size_t* got) {
    auto& memory = *static_cast<Memory*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    *got = std::min(size, memory.in.size());
    if (*got == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    std::memcpy(into, memory.in.data(), *got);
    memory.in.remove_prefix(*got);
    return 1;
}

int write_memory(BIO* bio, char const* from, std::size_t size, std::size_t* put) {
    auto& memory = *static_cast<Memory*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    memory.out.append(from, size);
    *put = size;
    return 1;
}

/// Nothing is held back here, so that a flush is done at once; all else is not for this kind.
long control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace

BioMethodPtr make_memory_bio_method() {
    BioMethodPtr method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "session memory"));
    if (method) {
        BIO_meth_set_read_ex(method.get(), &read_memory);
        BIO_meth_set_write_ex(method.get(), &write_memory);
        BIO_meth_set_ctrl(method.get(), &control);
    }
    return method;
}

BIO* make_memory_bio(BIO_METHOD* method, Memory& memory) {
    BIO* const bio = BIO_new(method);
    if (bio != nullptr) {
        BIO_set_data(bio, &memory);
        BIO_set_init(bio, 1);
    }
    return bio;
}

}  // namespace signalbox::tls
