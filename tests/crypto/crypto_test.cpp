#include "engine/base/encoding.h"
#include "engine/crypto/bcrypt.h"
#include "engine/crypto/digest.h"
#include "engine/crypto/key_pair.h"
#include "engine/crypto/nkey.h"

#include "tests/support/run_tests.h"

#include <array>
#include <string>

using namespace signalbox;

class DigestTest : public QObject {
    Q_OBJECT
private slots:
    // FIPS 180-4, examples.
    // A short text lies within the object, where a move would leave it.
    void a_secret_that_was_moved_away_leaves_nothing() {
        for (bool const assigned : {false, true}) {
            alignas(crypto::Secret) unsigned char memory[sizeof(crypto::Secret)];
            auto* const secret = new (memory) crypto::Secret("hunter2");
            crypto::Secret taken;
            if (assigned) {
                taken = std::move(*secret);
            } else {
                crypto::Secret const other(std::move(*secret));
                QCOMPARE(other.reveal(), std::string_view("hunter2"));
            }
            std::string_view const left(reinterpret_cast<char const*>(memory), sizeof memory);
            QVERIFY(left.find("hunter") == std::string_view::npos);
            secret->~Secret();
        }
    }

    void sha256_of_known_texts() {
        QCOMPARE(base::to_hex(crypto::sha256("")),
                 std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        QCOMPARE(base::to_hex(crypto::sha256("abc")),
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }

    void sha1_of_known_texts() {
        QCOMPARE(base::to_hex(crypto::sha1("abc")),
                 std::string("a9993e364706816aba3e25717850c26c9cd0d89d"));
    }
};
SIGNALBOX_TEST(DigestTest);

class NkeyTest : public QObject {
    Q_OBJECT
private slots:
    // RFC 8032, 7.1, test 1: this seed has this public key.
    void a_seed_has_the_public_key_of_the_standard() {
        std::string const seed =
            raw("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        std::string const expected =
            raw("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        std::array<unsigned char, 32> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<unsigned char>(seed[i]);
        }
        std::string const text =
            crypto::KeyPair::from_seed_bytes(crypto::NkeyKind::Server, bytes).public_key().text();
        QCOMPARE(text.size(), std::size_t{56});
        QCOMPARE(text[0], 'N');
        auto const key = crypto::PublicNkey::parse(text);
        QVERIFY(key.ok());
        QVERIFY(key.value().kind() == crypto::NkeyKind::Server);
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            QCOMPARE(key.value().bytes()[i], static_cast<unsigned char>(expected[i]));
        }
        QCOMPARE(key.value().text(), text);
    }

    void each_kind_has_its_letter_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<char>("letter");
        QTest::newRow("account") << int(crypto::NkeyKind::Account) << 'A';
        QTest::newRow("cluster") << int(crypto::NkeyKind::Cluster) << 'C';
        QTest::newRow("operator") << int(crypto::NkeyKind::Operator) << 'O';
        QTest::newRow("server") << int(crypto::NkeyKind::Server) << 'N';
        QTest::newRow("user") << int(crypto::NkeyKind::User) << 'U';
        QTest::newRow("curve") << int(crypto::NkeyKind::Curve) << 'X';
    }
    void each_kind_has_its_letter() {
        QFETCH(int, kind);
        QFETCH(char, letter);
        auto const of = static_cast<crypto::NkeyKind>(kind);
        std::string const text = crypto::PublicNkey(of, {}).text();
        QCOMPARE(text[0], letter);
        QVERIFY(crypto::is_public_nkey(text, of));
        auto const other =
            of == crypto::NkeyKind::User ? crypto::NkeyKind::Account : crypto::NkeyKind::User;
        QVERIFY(!crypto::is_public_nkey(text, other));
    }

    // Made by another maker's tool.
    void a_foreign_user_key_is_read() {
        QVERIFY(crypto::is_public_nkey("UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4",
                                       crypto::NkeyKind::User));
    }

    void any_changed_character_is_refused() {
        std::string const text = crypto::PublicNkey(crypto::NkeyKind::Server, {}).text();
        for (std::size_t at = 0; at < text.size(); ++at) {
            std::string changed = text;
            changed[at] = changed[at] == 'B' ? 'C' : 'B';
            QVERIFY2(!crypto::PublicNkey::parse(changed).ok(), changed.c_str());
        }
        QVERIFY(!crypto::PublicNkey::parse("").ok());
        QVERIFY(!crypto::PublicNkey::parse(text + "A").ok());
        QVERIFY(!crypto::PublicNkey::parse(text.substr(1)).ok());
    }

private:
    static std::string raw(std::string_view hex) {
        std::string bytes;
        for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
            bytes.push_back(
                static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
        }
        return bytes;
    }
};
SIGNALBOX_TEST(NkeyTest);

class BcryptTest : public QObject {
    Q_OBJECT
private slots:
    void only_the_known_prefixes_are_hashes() {
        for (char const* hash : {"$2a$11$x", "$2b$04$", "$2x$10$abc", "$2y$12$abc"}) {
            QVERIFY2(crypto::is_bcrypt(hash), hash);
        }
        for (char const* text : {"", "$2a", "$2c$10$abc", "$2$10$abc", "$2a$1x$abc", "2a$10$abc",
                                 "secret", "$2a$10abc"}) {
            QVERIFY2(!crypto::is_bcrypt(text), text);
        }
    }

    // Test vectors published with the algorithm's reference implementation.
    void a_known_hash_matches_its_password_alone() {
        std::string const hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        QVERIFY(crypto::bcrypt_matches(crypto::Secret("U*U"), hash));
        QVERIFY(!crypto::bcrypt_matches(crypto::Secret("U*U*"), hash));
        QVERIFY(!crypto::bcrypt_matches(crypto::Secret(""), hash));
    }

    void all_variants_are_computed_alike() {
        std::string hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        for (char variant : {'a', 'b', 'x', 'y'}) {
            hash[2] = variant;
            QVERIFY(crypto::bcrypt_matches(crypto::Secret("U*U"), hash));
        }
    }

    void a_password_with_a_zero_inside_does_not_match_by_its_beginning() {
        std::string const hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        QVERIFY(!crypto::bcrypt_matches(crypto::Secret(std::string("U*U\0x", 5)), hash));
    }

    void a_hash_that_cannot_be_read_matches_nothing() {
        QVERIFY(!crypto::bcrypt_matches(crypto::Secret("x"), "$2a$99$CCCCCCCCCCCCCCCCCCCCC."));
        QVERIFY(!crypto::bcrypt_matches(crypto::Secret("x"), "$2a$05$short"));
        QVERIFY(!crypto::bcrypt_matches(crypto::Secret("x"), "x"));
        QVERIFY(!crypto::bcrypt_matches(
            crypto::Secret("U*U"),
            "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWx"));
    }
};
SIGNALBOX_TEST(BcryptTest);

#include "crypto_test.moc"
