#include "engine/crypto/key_pair.h"

#include "engine/base/encoding.h"
#include "engine/crypto/curve_box.h"

#include "tests/support/run_tests.h"

#include <string>
#include <vector>

using namespace signalbox;
using crypto::CurveKey;
using crypto::KeyPair;
using crypto::NkeyKind;
using crypto::PublicNkey;

namespace {

/// Made by the field's JavaScript library: a seed, its public key, and the signature of "a
/// message".
struct Foreign {
    char const* name;
    NkeyKind kind;
    std::string seed;
    std::string key;
    std::string signature;
};

std::vector<Foreign> const kForeign = {
    {"user", NkeyKind::User, "SUAC2D6UXNB7IELVOGFA7BEIJUIWAHW36W2JBF7JM3BUV2XPY7CV2FYWHE",
     "UD2ZAJPDXTZJSLSL3726BY2XI47UKGYGNC7TJSLJF22H2UXYNNGAZXQM",
     "Kc37dpFYc4NndMq4SGTCGzqkWOAXAcqDoWHi5FRnN4KGjHzxGjBo6HkcobqPRc31uU8xvPOWmudcUFdXjpdBBA"},
    {"account", NkeyKind::Account, "SAAPDZO4EO55MS7YHIRDTTPCX3LE3TKCGRMRYSTVX5F3ZNE3X4AJUPUAIA",
     "AA5T74Z3Y5OS2FHPJUN7FPMPYNCFOOFVGHIX4H56RGSIIYXQZKMXMBHF",
     "F9VAH0LbIVlIeH9pgRY1goJz01yD0GUTLhvo6oog2YstZ2VvKiK5UqNLpHRkcOmkHTtK1ciJU0QRmNwQ5vXlCg"},
    {"operator", NkeyKind::Operator, "SOAFWNPHFPJLGGU4LK7FSQQVYEK7UUEAP2M3OYI3ORFDHH2LXUXJ4DRUUQ",
     "OBNIBS4PF4PDJRCEL3PSYGEPYJOQDXBG3MTITGWALSSXB2EDMNDSBWVS",
     "wO-u24dft5mVDS3auTCAjyZ3zxKktvG8CIvRxy3oWzXFBPgr47ih_YD4tuYjGarWHX2jVrqwKQoqwIdDSHA0Bw"},
    {"server", NkeyKind::Server, "SNAKSXBR65DHJVFHYDSQ2VZIU2JHPSCJWVODI3XDVS6YJ4SGVVW62IQC6A",
     "NCKZYFVLO2VH7ND5LGIGU3FVQ3QLLJQQ6TFPRSHBVEULYSCB2RIJJN2F",
     "gpNTIvBPRuyfqRLDvORnY-YfGq-8whH3GSvWIGrh_ItGExvZ5LMMR_EQ5EIwwCOhC1jsPMZXKnp5ZZnASmhzAA"},
    {"cluster", NkeyKind::Cluster, "SCABJVH3RN7SSZNHCGILF3K463RJL6G6ZHSU2GGOBVZLGMCNCGV6STZWWU",
     "CAU5PP5CKETKKS5UEERIUX6RQEKMATLZPUW76Z2GHCAVWS7MP7P6AWQS",
     "IO6aQdGiKhQCVrVsmTiDFXVPMIH9c7bZdMPcc2PKDgJd2p-JVvdYTfCee6aMhIlM-2vqmKSzAIwDmgYcgzq_Cg"},
};

constexpr char kSealingSeed[] = "SXAGL4L532JVOU2IBEYGS5XSK5Y7TSZN5BD5UMLLBAE3YRDZ6FMZ4AI3A4";
constexpr char kSealingKey[] = "XB3ZQMMCDDJWFX6DY72ZY6O747MR4QSX2UYOHN5K624KHF47E4UUUM7F";
constexpr char kOpeningSeed[] = "SXAPKJQ4Q2WAQ4CNHI5QHK3U3J5D7AHEZVMHHRVMXSUC2CQRQ5PJSCLTNA";
constexpr char kOpeningKey[] = "XARZL6OHGMLV7EAHAHX2REDPIAQOJBAWECLAYNJPUUWIHTSFU3TSN4IB";
constexpr char kSealed[] =
    "eGt2MUD26dySD2TqOyTNbwdYCCAFKZRZmqI_zR0JAQuJo0S1WJidiYtJDD_GWq-f7LFDZhY";

PublicNkey key_of(std::string_view text) {
    return PublicNkey::parse(text).value();
}

}  // namespace

class KeyPairTest : public QObject {
    Q_OBJECT
private slots:
    void a_foreign_seed_is_the_key_it_was_data() {
        QTest::addColumn<int>("row");
        for (std::size_t i = 0; i < kForeign.size(); ++i) {
            QTest::newRow(kForeign[i].name) << static_cast<int>(i);
        }
    }
    void a_foreign_seed_is_the_key_it_was() {
        QFETCH(int, row);
        Foreign const& foreign = kForeign[static_cast<std::size_t>(row)];
        auto const pair = KeyPair::from_seed(foreign.seed);
        QVERIFY(pair.ok());
        QVERIFY(pair.value().public_key().kind() == foreign.kind);
        QCOMPARE(pair.value().public_key().text(), foreign.key);
        QCOMPARE(std::string(pair.value().seed().reveal()), foreign.seed);
        QCOMPARE(base::to_base64_url(pair.value().sign("a message")), foreign.signature);
        QVERIFY(crypto::verify_ed25519_text(key_of(foreign.key), "a message", foreign.signature));
    }

    // RFC 8032, 7.1, test 2.
    void the_signature_of_the_standard() {
        auto const key =
            PublicNkey(NkeyKind::User,
                       bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
        auto const signature = text(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        QVERIFY(crypto::verify_ed25519(key, "\x72", signature));
    }

    void any_change_makes_a_signature_void() {
        KeyPair const pair = KeyPair::from_seed(kForeign[0].seed).value();
        std::string const message = "a message";
        std::string const signature = pair.sign(message);
        for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
            std::string changed = signature;
            changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
            QVERIFY(!crypto::verify_ed25519(pair.public_key(), message, changed));
        }
        QVERIFY(!crypto::verify_ed25519(pair.public_key(), "another", signature));
        QVERIFY(!crypto::verify_ed25519(key_of(kForeign[1].key), message, signature));
    }

    void a_signature_has_exactly_64_bytes() {
        KeyPair const pair = KeyPair::from_seed(kForeign[0].seed).value();
        std::string const signature = pair.sign("m");
        for (std::size_t size = 0; size < signature.size(); ++size) {
            QVERIFY(!crypto::verify_ed25519(pair.public_key(), "m", signature.substr(0, size)));
        }
        QVERIFY(!crypto::verify_ed25519(pair.public_key(), "m", signature + '\0'));
    }

    void a_signature_as_text_is_of_either_alphabet() {
        KeyPair const pair = KeyPair::from_seed(kForeign[2].seed).value();
        std::string const signature = pair.sign("a message");
        PublicNkey const& key = pair.public_key();
        QVERIFY(
            crypto::verify_ed25519_text(key, "a message", base::to_base64_url(signature) + "=="));
        QVERIFY(crypto::verify_ed25519_text(key, "a message", base::to_base64(signature)));
        QVERIFY(!crypto::verify_ed25519_text(key, "a message", "not base64!"));
        QVERIFY(!crypto::verify_ed25519_text(key, "a message", ""));
    }

    void any_changed_character_of_a_seed_is_refused() {
        std::string const& seed = kForeign[0].seed;
        for (std::size_t at = 0; at + 1 < seed.size(); ++at) {
            std::string changed = seed;
            changed[at] = changed[at] == 'B' ? 'C' : 'B';
            QVERIFY2(!KeyPair::from_seed(changed).ok(), changed.c_str());
        }
        QVERIFY(!KeyPair::from_seed("").ok());
        QVERIFY(!KeyPair::from_seed(seed + "A").ok());
        QVERIFY(!KeyPair::from_seed(seed.substr(1)).ok());
        QVERIFY(!KeyPair::from_seed(kForeign[0].key + "AA").ok());
    }

    void a_curve_key_signs_nothing() {
        QVERIFY(KeyPair::from_seed(kOpeningSeed).error().code() == Errc::Malformed);
        KeyPair const pair = KeyPair::from_seed(kForeign[0].seed).value();
        PublicNkey const same_bytes(NkeyKind::Curve, pair.public_key().bytes());
        QVERIFY(!crypto::verify_ed25519(same_bytes, "m", pair.sign("m")));
    }

private:
    static std::string text(std::string_view hex) {
        std::string out;
        for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
            out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
        }
        return out;
    }
    static crypto::SeedBytes bytes(std::string_view hex) {
        std::string const from = text(hex);
        crypto::SeedBytes out{};
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<unsigned char>(from[i]);
        }
        return out;
    }
};
SIGNALBOX_TEST(KeyPairTest);

class CurveBoxTest : public QObject {
    Q_OBJECT
private slots:
    void a_foreign_box_is_opened() {
        auto const key = CurveKey::from_seed(kOpeningSeed);
        QVERIFY(key.ok());
        QCOMPARE(key.value().public_key().text(), std::string(kOpeningKey));
        auto const plain =
            key.value().open(key_of(kSealingKey), base::from_base64(kSealed).value());
        QVERIFY(plain.ok());
        QCOMPARE(plain.value(), std::string("a message"));
    }

    void the_same_nonce_makes_the_foreign_box() {
        CurveKey const key = CurveKey::from_seed(kSealingSeed).value();
        std::string const sealed = base::from_base64(kSealed).value();
        CurveKey::Nonce nonce{};
        for (std::size_t i = 0; i < nonce.size(); ++i) {
            nonce[i] = static_cast<unsigned char>(sealed[4 + i]);
        }
        QCOMPARE(key.seal(key_of(kOpeningKey), nonce, "a message").value(), sealed);
    }

    void any_cut_or_changed_box_is_refused() {
        CurveKey const key = CurveKey::from_seed(kOpeningSeed).value();
        std::string const sealed = base::from_base64(kSealed).value();
        PublicNkey const from = key_of(kSealingKey);
        for (std::size_t at = 0; at < sealed.size(); ++at) {
            QVERIFY(key.open(from, sealed.substr(0, at)).error().code() == Errc::Malformed);
            std::string changed = sealed;
            changed[at] = static_cast<char>(changed[at] ^ 1);
            QVERIFY(key.open(from, changed).error().code() == Errc::Malformed);
        }
    }

    void only_curve_keys_are_sealed_for() {
        CurveKey const key = CurveKey::from_seed(kSealingSeed).value();
        PublicNkey const user = key_of(kForeign[0].key);
        QVERIFY(key.seal(user, {}, "x").error().code() == Errc::InvalidArgument);
        QVERIFY(key.open(user, "x").error().code() == Errc::InvalidArgument);
        QVERIFY(CurveKey::from_seed(kForeign[0].seed).error().code() == Errc::Malformed);
        // With the point of all zeros every secret would be shared.
        QVERIFY(!key.seal(PublicNkey(NkeyKind::Curve, {}), {}, "x").ok());
    }
};
SIGNALBOX_TEST(CurveBoxTest);

#include "key_pair_test.moc"
