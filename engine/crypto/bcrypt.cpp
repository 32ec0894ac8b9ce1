#include "engine/crypto/bcrypt.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include <memory>
#include <string>

namespace signalbox::crypto {

namespace {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// libcrypt's working memory, which holds what the password became and is wiped when it goes.
struct Wipe {
    void operator()(crypt_data* data) const {
        OPENSSL_cleanse(data, sizeof(crypt_data));
        delete data;
    }
};

}  // namespace

bool is_bcrypt(std::string_view text) {
    if (text.size() < 7 || !text.starts_with("$2")) {
        return false;
    }
    bool const variant = text[2] == 'a' || text[2] == 'b' || text[2] == 'x' || text[2] == 'y';
    return variant && text[3] == '$' && is_digit(text[4]) && is_digit(text[5]) && text[6] == '$';
}

bool bcrypt_matches(Secret const& password, std::string_view hash) {
    std::string_view const plain = password.reveal();
    // libcrypt reads up to a zero: a password with one inside would match by its beginning alone.
    if (!is_bcrypt(hash) || plain.find('\0') != std::string_view::npos) {
        return false;
    }
    // The reference computes every variant alike, while libcrypt repeats the faults that `x` and
    // `a` were named for.
    std::string setting(hash);
    setting[2] = 'b';
    Secret const terminated{std::string(plain)};
    std::unique_ptr<crypt_data, Wipe> const data(new crypt_data{});
    char const* const result = crypt_r(terminated.reveal().data(), setting.c_str(), data.get());
    return result != nullptr && equal_in_constant_time(result, setting);
}

}  // namespace signalbox::crypto
