#include "engine/crypto/digest.h"

#include "engine/base/check.h"

#include <openssl/evp.h>

#include <array>
#include <cstddef>

namespace signalbox::crypto {

namespace {

std::string digest(EVP_MD const* algorithm, Bytes bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    // It fails only when the library has no memory or was built without the algorithm.
    CHECK(EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, algorithm, nullptr) == 1);
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>(out[i]);
    }
    return text;
}

}  // namespace

std::string sha256(Bytes bytes) {
    return digest(EVP_sha256(), bytes);
}

std::string sha1(Bytes bytes) {
    return digest(EVP_sha1(), bytes);
}

}  // namespace signalbox::crypto
