#include "engine/tls/ocsp.h"

#include "tests/support/certificates.h"
#include "tests/support/run_tests.h"

namespace signalbox::tls {

using support::Authority;

/// Questions to responders, and what they answer.
class OcspTest : public QObject {
    Q_OBJECT

private:
    Authority authority_{"issuer"};
    WallTime now_{base::hours(24 * 365 * 56)};

    ContextPtr context(support::CertificateWish const& wish = {}) {
        Settings settings;
        settings.certificates.push_back(authority_.issue(wish));
        settings.ca_pem = authority_.pem();
        return Context::create(Role::Server, settings).value();
    }

private slots:
    void an_answer_to_the_question_is_read() {
        OcspSubject const subject = OcspSubject::of(*context()).value();
        for (bool const revoked : {false, true}) {
            std::string const der = authority_.ocsp_answer(subject.question(), revoked, now_);
            auto const answer = subject.read(der, now_ + base::minutes(30));
            QVERIFY(answer.ok());
            QCOMPARE(answer.value().status, revoked ? OcspStatus::Revoked : OcspStatus::Good);
            QVERIFY(answer.value().this_update == now_);
            QVERIFY(answer.value().next_update == now_ + base::hours(1));
            QVERIFY(answer.value().der == der);
        }
    }

    void what_is_no_answer_to_it_is_refused() {
        OcspSubject const subject = OcspSubject::of(*context()).value();
        OcspSubject const other = OcspSubject::of(*context()).value();
        Authority const stranger("issuer");
        auto const code = [&](std::string const& der, WallTime when) {
            auto const answer = subject.read(der, when);
            return answer.ok() ? std::string("good")
                               : std::string(base::name_of(answer.error().code()));
        };
        std::string const good = authority_.ocsp_answer(subject.question(), false, now_);
        QCOMPARE(code("nothing", now_), std::string("Malformed"));
        QCOMPARE(code("", now_), std::string("Malformed"));
        QCOMPARE(code(good.substr(0, good.size() - 1), now_), std::string("Malformed"));
        QCOMPARE(code(authority_.ocsp_answer(other.question(), false, now_), now_),
                 std::string("Malformed"));
        QCOMPARE(code(stranger.ocsp_answer(subject.question(), false, now_), now_),
                 std::string("Malformed"));
        QCOMPARE(code(good, now_ + base::hours(2)), std::string("TimedOut"));
        QCOMPARE(code(good, WallTime(now_.since_epoch() - base::hours(2))),
                 std::string("TimedOut"));
        QCOMPARE(code(good, now_), std::string("good"));
        // Its status alone: try later (RFC 6960, 4.2.1).
        QCOMPARE(code(std::string("\x30\x03\x0a\x01\x03", 5), now_), std::string("Unavailable"));
    }

    void a_certificate_may_demand_its_answer() {
        QVERIFY(!must_be_stapled(*context()));
        QVERIFY(must_be_stapled(*context({.features = "status_request"})));
    }

    void without_an_issuer_nobody_can_be_asked() {
        Settings settings;
        settings.certificates.push_back(authority_.issue({}));
        auto const subject = OcspSubject::of(*Context::create(Role::Server, settings).value());
        QVERIFY(!subject.ok());
        QCOMPARE(subject.error().code(), Errc::NotFound);
    }

    void the_issuer_may_stand_behind_the_certificate() {
        Settings settings;
        settings.certificates.push_back(authority_.issue({}));
        settings.certificates[0].cert_pem += authority_.pem();
        QVERIFY(OcspSubject::of(*Context::create(Role::Server, settings).value()).ok());
    }
};
SIGNALBOX_TEST(OcspTest);

}  // namespace signalbox::tls

#include "ocsp_test.moc"
