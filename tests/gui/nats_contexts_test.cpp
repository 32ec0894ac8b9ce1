#include "gui/source/nats_contexts.h"

#include "tests/support/run_tests.h"

#include <QFile>
#include <QTemporaryDir>

namespace signalbox::gui {
namespace {

void write(QString const& path, QByteArray const& content) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

/// With single quotes, for moc loses its way in raw strings.
QByteArray context(QByteArray text) {
    return text.replace("'", "\"");
}

}  // namespace

/// What the field's command line knows of servers.
class NatsContextsTest : public QObject {
    Q_OBJECT
private slots:
    void each_context_is_a_profile() {
        QTemporaryDir folder;
        auto const path = [&](char const* name) { return folder.filePath(QLatin1String(name)); };
        write(path("seed.nk"),
              "# a user\nSUAKYRHVIOREXV7EUZTBHUHL7NUMHPMAS7QMDU3GTIUWEI5LDNOXD43IZY\n");
        write(path("a.json"),
              context("{'description':'x','url':'nats://a:4222','creds':'/c/u.creds','ca':'/c/"
                      "ca.pem','cert':'/c/cert.pem','key':'/c/key.pem'}"));
        write(path("b.json"),
              context("{'url':'tls://b:4222,tls://c:4222','user':'ann','password':'p'}"));
        write(path("c.json"), context("{'url':'nats://c:4222','user':'onlytoken'}"));
        write(path("d.json"), context("{'url':'nats://d:4222','token':'t'}"));
        write(path("e.json"),
              context("{'url':'nats://e:4222','nkey':'" + path("seed.nk").toUtf8() + "'}"));
        write(path("f.json"), "not json");
        write(path("g.txt"), context("{'url':'nats://g:4222'}"));
        QList<RemoteProfile> const found = natsContexts(folder.path());
        QCOMPARE(found.size(), 5);
        QCOMPARE(found[0].name, QStringLiteral("a"));
        QCOMPARE(found[0].server, QStringLiteral("nats://a:4222"));
        QVERIFY(found[0].login.kind == LoginKind::Credentials);
        QCOMPARE(found[0].login.credentialsFile, QStringLiteral("/c/u.creds"));
        QCOMPARE(found[0].authoritiesFile, QStringLiteral("/c/ca.pem"));
        QCOMPARE(found[0].certificateFile, QStringLiteral("/c/cert.pem"));
        QCOMPARE(found[0].keyFile, QStringLiteral("/c/key.pem"));
        QVERIFY(found[1].login.kind == LoginKind::Password);
        QCOMPARE(found[1].login.user, QStringLiteral("ann"));
        QCOMPARE(found[1].login.secret, QStringLiteral("p"));
        QVERIFY(found[2].login.kind == LoginKind::Token);
        QCOMPARE(found[2].login.secret, QStringLiteral("onlytoken"));
        QCOMPARE(found[3].login.secret, QStringLiteral("t"));
        QVERIFY(found[4].login.kind == LoginKind::Nkey);
        QVERIFY(found[4].login.secret.startsWith(QLatin1String("SUAKYRHV")));
        for (RemoteProfile const& profile : found) {
            QVERIFY(profile.readOnly && !profile.id.isEmpty());
        }
    }

    void a_certificate_is_kept_with_its_profile() {
        RemoteProfile profile = newProfile();
        profile.certificateFile = QStringLiteral("/c/cert.pem");
        profile.keyFile = QStringLiteral("/c/key.pem");
        RemoteProfile const again = profileFromJson(profileToJson(profile));
        QCOMPARE(again.certificateFile, profile.certificateFile);
        QCOMPARE(again.keyFile, profile.keyFile);
        host::RemoteOptions const options = remoteOptions(again);
        QCOMPARE(options.certificate_file, std::string("/c/cert.pem"));
        QCOMPARE(options.key_file, std::string("/c/key.pem"));
    }

    void where_there_are_none_there_are_none() {
        QTemporaryDir folder;
        QVERIFY(natsContexts(folder.path()).isEmpty());
        QVERIFY(natsContexts(folder.filePath(QStringLiteral("nowhere"))).isEmpty());
    }
};
SIGNALBOX_TEST(NatsContextsTest);

}  // namespace signalbox::gui

#include "nats_contexts_test.moc"
