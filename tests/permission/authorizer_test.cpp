#include "engine/permission/authorizer.h"

#include "tests/support/run_tests.h"

namespace signalbox::permission {

/// What is kept for servers.
class AuthorizerTest : public QObject {
    Q_OBJECT

private slots:
    void reserved_subjects_are_closed_to_publishers_data() {
        QTest::addColumn<QString>("subject");
        QTest::addColumn<bool>("ordinary");
        QTest::addColumn<bool>("system");
        QTest::newRow("plain") << "a.b" << true << true;
        QTest::newRow("inbox") << "_INBOX.x" << true << true;
        QTest::newRow("service reply") << "_R_.x" << true << true;
        QTest::newRow("gateway reply") << "_GR_.a.b.c" << false << false;
        QTest::newRow("nearly a gateway reply") << "_GR_" << true << true;
        QTest::newRow("consensus") << "$NRG.V.x" << false << true;
        QTest::newRow("nearly consensus") << "$NRGX.y" << true << true;
        QTest::newRow("streams") << "$JS.API.INFO" << true << true;
        QTest::newRow("acknowledgement") << "$JS.ACK.s.c.1" << true << true;
        QTest::newRow("services") << "$SRV.PING" << true << true;
        QTest::newRow("inside") << "a._GR_.b" << true << true;
        QTest::newRow("empty token") << ".a" << true << true;
    }

    void reserved_subjects_are_closed_to_publishers() {
        QFETCH(QString, subject);
        QFETCH(bool, ordinary);
        QFETCH(bool, system);
        std::string const text = subject.toStdString();
        auto const to = subject::PublishSubject::from_token(text);
        QCOMPARE(Authorizer().may_publish(to, Instant()), ordinary);
        QCOMPARE(Authorizer(true).may_publish(to, Instant()), system);
    }

    void reserved_replies_cannot_be_asked_for_data() {
        QTest::addColumn<QString>("reply");
        QTest::addColumn<bool>("allowed");
        QTest::newRow("inbox") << "_INBOX.x" << true;
        QTest::newRow("anything") << ">.*..x" << true;
        QTest::newRow("service reply") << "_R_.x" << false;
        QTest::newRow("gateway reply") << "_GR_.x" << false;
        QTest::newRow("acknowledgement") << "$JS.ACK.x" << false;
        QTest::newRow("nearly") << "$JS.ACKS.x" << true;
    }

    void reserved_replies_cannot_be_asked_for() {
        QFETCH(QString, reply);
        QFETCH(bool, allowed);
        QCOMPARE(Authorizer().may_reply_on(reply.toStdString()), allowed);
    }

    void the_servers_own_queue_group_is_closed() {
        auto const filter = subject::Filter::parse("a.>").value();
        QVERIFY(Authorizer().may_subscribe(filter, ""));
        QVERIFY(Authorizer().may_subscribe(filter, "q"));
        QVERIFY(!Authorizer().may_subscribe(filter, "_sys_"));
    }
};
SIGNALBOX_TEST(AuthorizerTest);

}  // namespace signalbox::permission

#include "authorizer_test.moc"
