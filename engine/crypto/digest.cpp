#include "engine/crypto/digest.h"

#include "engine/base/check.h"

#include <openssl/evp.h>

#include <array>
#include <cstddef>

namespace signalbox::crypto {

namespace {

std::string text_of(unsigned char const* bytes, unsigned size) {
    std::string text(size, '\0');
    for (unsigned i = 0; i < size; ++i) {
        text[i] = static_cast<char>(bytes[i]);
    }
    return text;
}

std::string digest(EVP_MD const* algorithm, Bytes bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    // It fails only when the library has no memory or was built without the algorithm.
    CHECK(EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, algorithm, nullptr) == 1);
    return text_of(out.data(), size);
}

}  // namespace

std::string sha256(Bytes bytes) {
    return digest(EVP_sha256(), bytes);
}

class Sha256::State {
public:
    State() : context_(EVP_MD_CTX_new()) {
        CHECK(context_ != nullptr);
        CHECK(EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) == 1);
    }
    ~State() { EVP_MD_CTX_free(context_); }

    State(State const&) = delete;
    State& operator=(State const&) = delete;

    void add(Bytes bytes) { CHECK(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1); }

    std::string finish() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
        unsigned size = 0;
        CHECK(EVP_DigestFinal_ex(context_, out.data(), &size) == 1);
        return text_of(out.data(), size);
    }

private:
    EVP_MD_CTX* context_;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}

Sha256::~Sha256() = default;

void Sha256::add(Bytes bytes) {
    state_->add(bytes);
}

std::string Sha256::finish() {
    return state_->finish();
}

std::string sha1(Bytes bytes) {
    return digest(EVP_sha1(), bytes);
}

}  // namespace signalbox::crypto
