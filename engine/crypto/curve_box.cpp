#include "engine/crypto/curve_box.h"

#include "engine/base/check.h"

#include <sodium.h>

#include <cstddef>

namespace signalbox::crypto {
namespace {

constexpr std::string_view kVersion = "xkv1";
constexpr std::size_t kHeadSize = kVersion.size() + crypto_box_NONCEBYTES;

static_assert(crypto_box_NONCEBYTES == std::tuple_size_v<CurveKey::Nonce>);
static_assert(crypto_box_SECRETKEYBYTES == std::tuple_size_v<SeedBytes>);

unsigned char const* raw(Bytes bytes) {
    return static_cast<unsigned char const*>(static_cast<void const*>(bytes.data()));
}

unsigned char* raw(std::string& bytes, std::size_t from) {
    return static_cast<unsigned char*>(static_cast<void*>(bytes.data() + from));
}

Error not_a_curve_key() {
    return Error(base::Errc::InvalidArgument, "not a public curve key");
}

}  // namespace

CurveKey CurveKey::from_seed_bytes(SeedBytes const& bytes) {
    return of(Seed(NkeyKind::Curve, bytes));
}

Result<CurveKey> CurveKey::from_seed(std::string_view text) {
    Seed seed = TRY(Seed::parse(text));
    if (seed.kind() != NkeyKind::Curve) {
        return Error(base::Errc::Malformed, "not a seed of a curve key");
    }
    return of(std::move(seed));
}

CurveKey CurveKey::of(Seed seed) {
    std::array<unsigned char, crypto_box_PUBLICKEYBYTES> bytes{};
    // Multiplying the base point fails for no secret.
    CHECK(crypto_scalarmult_base(bytes.data(), seed.bytes()) == 0);
    return {std::move(seed), PublicNkey(NkeyKind::Curve, bytes)};
}

Result<std::string> CurveKey::seal(PublicNkey const& to, Nonce const& nonce, Bytes plain) const {
    if (to.kind() != NkeyKind::Curve) {
        return not_a_curve_key();
    }
    std::string out(kVersion);
    out.append(nonce.begin(), nonce.end());
    out.resize(kHeadSize + crypto_box_MACBYTES + plain.size());
    if (crypto_box_easy(raw(out, kHeadSize), raw(plain), plain.size(), nonce.data(),
                        to.bytes().data(), seed_.bytes()) != 0) {
        return not_a_curve_key();
    }
    return out;
}

Result<std::string> CurveKey::open(PublicNkey const& from, Bytes sealed) const {
    if (from.kind() != NkeyKind::Curve) {
        return not_a_curve_key();
    }
    if (!sealed.starts_with(kVersion) || sealed.size() < kHeadSize + crypto_box_MACBYTES) {
        return Error(base::Errc::Malformed, "not a sealed box");
    }
    Bytes const box = sealed.substr(kHeadSize);
    std::string out(box.size() - crypto_box_MACBYTES, '\0');
    if (crypto_box_open_easy(raw(out, 0), raw(box), box.size(), raw(sealed.substr(kVersion.size())),
                             from.bytes().data(), seed_.bytes()) != 0) {
        return Error(base::Errc::Malformed, "a sealed box of other keys");
    }
    return out;
}

}  // namespace signalbox::crypto
