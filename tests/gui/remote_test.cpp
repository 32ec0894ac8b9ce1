#include "gui/application_settings.h"
#include "gui/dialogs/attach_dialog.h"
#include "gui/icons.h"
#include "gui/main_window.h"
#include "gui/profile_store.h"
#include "gui/source/local_source.h"
#include "gui/source/remote_source.h"
#include "gui/widgets/check_list.h"
#include "gui/widgets/profile_strip.h"
#include "gui/workbench.h"

#include "tests/gui/fake_source.h"
#include "tests/support/run_tests.h"

#include <QAbstractButton>
#include <QFile>
#include <QGraphicsEffect>
#include <QLabel>
#include <QLineEdit>
#include <QTemporaryDir>

namespace signalbox::gui {

namespace {

constexpr int kPatience = 20'000;

/// A server elsewhere that does what a test tells it.
class FarSource : public FakeSource {
    Q_OBJECT

public:
    FarSource() { able = Capability::Figures | Capability::Connections | Capability::Events; }

    std::optional<SourceTitle> title() const override {
        return SourceTitle{.name = QStringLiteral("far"),
                           .color = QStringLiteral("#b3282d"),
                           .environment = QStringLiteral("prod"),
                           .readOnly = true};
    }
    QString explanation(Capability what) const override {
        return QStringLiteral("cannot %1").arg(static_cast<int>(what));
    }
    void setWatched(bool on) override { watched = on; }

    bool watched = false;
};

struct Bench {
    Bench() : theme(ThemeKind::Light) {
        loadResources();
        theme.apply(ThemeKind::Light);
        window = std::make_unique<MainWindow>(source, theme, settings);
        window->show();
    }

    QStringList texts() const {
        QStringList all;
        for (QLabel const* const label : window->findChildren<QLabel*>()) {
            if (label->isVisible()) {
                all << label->text();
            }
        }
        return all;
    }
    bool says(QString const& text) const { return !texts().filter(text).isEmpty(); }

    FarSource source;
    Theme theme;
    ApplicationSettings settings = ApplicationSettings::none();
    std::unique_ptr<MainWindow> window;
};

RemoteProfile sampleProfile() {
    RemoteProfile profile = newProfile();
    profile.name = QStringLiteral("shop");
    profile.server = QStringLiteral("nats://127.0.0.1:4222");
    profile.login = {.kind = LoginKind::Password,
                     .user = QStringLiteral("ada"),
                     .secret = QStringLiteral("s3cret")};
    profile.environment = QStringLiteral("prod");
    profile.readOnly = false;
    return profile;
}

}  // namespace

/// Servers elsewhere, as the window shows them.
class RemoteTest : public QObject {
    Q_OBJECT

private slots:
    void the_strip_says_where_one_is_and_what_one_may() {
        Bench bench;
        QVERIFY(bench.window->findChild<ProfileStrip*>() != nullptr);
        QVERIFY(bench.says(QStringLiteral("PRODUCTION · far")));
        QVERIFY(bench.says(QStringLiteral("looking only")));
    }

    void a_page_says_in_the_words_of_the_source_what_it_cannot_tell() {
        Bench bench;
        bench.window->startBroker();
        bench.window->showPage(QStringLiteral("messages"));
        QVERIFY(bench.says(QStringLiteral("cannot 4")));
        bench.window->showPage(QStringLiteral("publish"));
        QVERIFY(bench.says(QStringLiteral("cannot 8")));
        bench.window->showPage(QStringLiteral("connections"));
        QVERIFY(!bench.says(QStringLiteral("cannot 256")));
        bench.source.able = {};
        emit bench.source.capabilitiesChanged();
        QVERIFY(bench.says(QStringLiteral("cannot 256")));
    }

    void a_lost_server_leaves_its_figures_pale() {
        Bench bench;
        bench.window->startBroker();
        bench.window->showPage(QStringLiteral("overview"));
        bench.source.show(sampleSnapshot(1));
        bench.source.note = QStringLiteral("No connection.");
        bench.source.lose();
        QTRY_VERIFY_WITH_TIMEOUT(bench.says(QStringLiteral("old. No connection.")), kPatience);
        QVERIFY(bench.window->currentPage().parentWidget()->graphicsEffect() != nullptr);
        QVERIFY(!bench.says(QStringLiteral("Not attached")));
        bench.source.note.clear();
        bench.window->startBroker();
        bench.source.show(sampleSnapshot(2));
        QTRY_VERIFY_WITH_TIMEOUT(
            bench.window->currentPage().parentWidget()->graphicsEffect() == nullptr, kPatience);
    }

    void what_a_server_says_is_text_and_nothing_else() {
        Bench bench;
        bench.window->startBroker();
        bench.source.note = QStringLiteral("<b>bold</b>");
        bench.source.lose();
        int found = 0;
        for (QLabel const* const label : bench.window->findChildren<QLabel*>()) {
            if (label->text().contains(bench.source.note)) {
                QCOMPARE(label->textFormat(), Qt::PlainText);
                ++found;
            }
        }
        QVERIFY(found > 0);
    }

    void nothing_is_tapped_unless_asked_for() {
        Bench bench;
        bench.source.able |= Capability::Tap;
        bench.window->startBroker();
        bench.window->showPage(QStringLiteral("messages"));
        QVERIFY(bench.source.taps.empty());
    }

    void a_hidden_window_says_so_to_its_source() {
        Bench bench;
        QVERIFY(bench.source.watched);
        bench.window->hide();
        QVERIFY(!bench.source.watched);
    }

    void a_source_attaches_to_a_server_and_detaches() {
        LocalSource far;
        far.startBroker({.monitoringPort = -1});
        QTRY_VERIFY_WITH_TIMEOUT(!far.url().isEmpty(), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(!serverIn(far.latest(), far.server())->monitoring.empty(),
                                 kPatience);
        RemoteProfile profile = newProfile();
        profile.server = far.url();
        profile.monitoring =
            QString::fromStdString(serverIn(far.latest(), far.server())->monitoring);
        RemoteSource source(remoteOptions(profile), sourceTitle(profile));
        source.startBroker({});
        QTRY_VERIFY_WITH_TIMEOUT(source.state() == BrokerState::Running, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(source.can(Capability::Figures) && source.can(Capability::Tap),
                                 kPatience);
        QVERIFY(!source.can(Capability::Publish));
        QVERIFY(!source.can(Capability::Log));
        QVERIFY(!source.explanation(Capability::Log).isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(serverIn(source.latest(), source.server()) != nullptr, kPatience);
        QString error;
        connect(&source, &DataSource::finished, this, [&](Job const& job) { error = job.error; });
        host::OutgoingMessage message;
        message.subject = "hello";
        source.publish(message);
        QTRY_VERIFY_WITH_TIMEOUT(error.contains(QStringLiteral("looking only")), kPatience);
        far.stopBroker();
        QTRY_VERIFY_WITH_TIMEOUT(source.state() == BrokerState::Lost, kPatience);
        // Pages go on showing what was there.
        QVERIFY(source.can(Capability::Figures));
        source.stopBroker();
        QCOMPARE(source.state(), BrokerState::Stopped);
        error.clear();
        source.publish(message);
        QTRY_VERIFY_WITH_TIMEOUT(error.contains(QStringLiteral("not attached")), kPatience);
    }

    void a_profile_is_remembered_without_its_secret() {
        QTemporaryDir const folder;
        RemoteProfile const profile = sampleProfile();
        QString secrets;
        {
            ApplicationSettings settings = ApplicationSettings::inFolder(folder.path());
            ProfileStore store(settings);
            store.save(profile);
            secrets = store.secrets().filePath();
        }
        QVERIFY(QFile::exists(secrets));
        ApplicationSettings settings = ApplicationSettings::inFolder(folder.path());
        ProfileStore store(settings);
        QCOMPARE(store.profiles().size(), 1);
        RemoteProfile const kept = store.profiles().front();
        QCOMPARE(kept.name, profile.name);
        QCOMPARE(kept.login.user, profile.login.user);
        QCOMPARE(kept.environment, profile.environment);
        QVERIFY(!kept.readOnly);
        QVERIFY(kept.login.secret.isEmpty());
        QString found;
        store.withSecrets(kept, [&](RemoteProfile const& with) { found = with.login.secret; });
        QTRY_COMPARE_WITH_TIMEOUT(found, profile.login.secret, kPatience);
        QFile ini(folder.filePath(QStringLiteral("workbench.ini")));
        QVERIFY(ini.open(QIODevice::ReadOnly));
        QVERIFY(!ini.readAll().contains("s3cret"));
        store.remove(profile.id);
        QVERIFY(store.profiles().isEmpty());
    }

    void secrets_in_a_file_are_for_their_owner_alone() {
        QTemporaryDir const folder;
        SecretStore store(folder.path(), SecretStore::Wish::File);
        store.save(QStringLiteral("a"), QStringLiteral("one"));
        QVERIFY(QFile::exists(store.filePath()));
        auto const others =
            QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
        QVERIFY((QFile::permissions(store.filePath()) & others) == 0);
        QVERIFY(store.place().contains(store.filePath()));
        QString found;
        store.load(QStringLiteral("a"), [&](QString const& secret) { found = secret; });
        QCOMPARE(found, QStringLiteral("one"));
        store.remove(QStringLiteral("a"));
        store.load(QStringLiteral("a"), [&](QString const& secret) { found = secret; });
        QCOMPARE(found, QString());
    }

    void the_form_holds_what_a_profile_says() {
        ApplicationSettings settings = ApplicationSettings::none();
        ProfileStore store(settings);
        Theme const theme(ThemeKind::Light);
        AttachDialog dialog(store, theme, {}, nullptr);
        RemoteProfile const profile = sampleProfile();
        dialog.setProfile(profile);
        RemoteProfile const read = dialog.profile();
        QCOMPARE(read.id, profile.id);
        QCOMPARE(read.server, profile.server);
        QCOMPARE(read.login.secret, profile.login.secret);
        QCOMPARE(read.color, profile.color);
        QCOMPARE(read.environment, profile.environment);
        QCOMPARE(read.readOnly, profile.readOnly);
        for (QWidget const* const widget : dialog.findChildren<QWidget*>()) {
            if (qobject_cast<QLineEdit const*>(widget) != nullptr &&
                qobject_cast<QLineEdit const*>(widget)->parentWidget()->objectName() !=
                    QStringLiteral("qt_spinbox_lineedit")) {
                QVERIFY2(!widget->accessibleName().isEmpty(),
                         qPrintable(widget->parentWidget()->objectName()));
            }
        }
    }

    void the_check_tells_in_plain_words_what_is_wrong() {
        ApplicationSettings settings = ApplicationSettings::none();
        ProfileStore store(settings);
        Theme const theme(ThemeKind::Light);
        AttachDialog dialog(store, theme, {}, nullptr);
        RemoteProfile profile = newProfile();
        // A port that needs a right to listen on, and where nobody does.
        profile.server = QStringLiteral("nats://127.0.0.1:1");
        dialog.setProfile(profile);
        dialog.test();
        QTRY_VERIFY_WITH_TIMEOUT(!dialog.checks().isRunning(), kPatience);
        bool found = false;
        for (QLabel const* const label : dialog.findChildren<QLabel*>()) {
            found =
                found || label->text().contains(QStringLiteral("Nothing listens at 127.0.0.1:1"));
        }
        QVERIFY(found);
    }

    void a_profile_of_the_command_line_may_be_monitoring_alone() {
        RemoteProfile const web = profileFor(QStringLiteral("http://h:8222"), {}, {});
        QVERIFY(web.server.isEmpty());
        QCOMPARE(web.monitoring, QStringLiteral("http://h:8222"));
        QVERIFY(web.readOnly);
        RemoteProfile const both =
            profileFor(QStringLiteral("nats://me:pw@h"), QStringLiteral("a.creds"),
                       QStringLiteral("http://h:8222"));
        QCOMPARE(both.text(), QStringLiteral("h"));
        QCOMPARE(both.login.credentialsFile, QStringLiteral("a.creds"));
        QCOMPARE(both.monitoring, QStringLiteral("http://h:8222"));
    }

    void each_source_has_a_window_of_its_own() {
        QApplication::setQuitOnLastWindowClosed(false);
        ApplicationSettings settings = ApplicationSettings::none();
        Theme theme(ThemeKind::Light);
        Workbench workbench(theme, settings);
        MainWindow& local = workbench.openLocal();
        QCOMPARE(&workbench.openLocal(), &local);
        MainWindow& remote =
            workbench.openRemote(profileFor(QStringLiteral("nats://127.0.0.1:1"), {}, {}));
        QVERIFY(&remote != &local);
        QVERIFY(workbench.sourceOf(remote).title().has_value());
        QVERIFY(!workbench.sourceOf(local).title().has_value());
        remote.show();
        remote.close();
        QTRY_VERIFY_WITH_TIMEOUT(!workbench.has(remote), kPatience);
        QVERIFY(workbench.has(local));
    }
};

SIGNALBOX_TEST(RemoteTest);

}  // namespace signalbox::gui

#include "remote_test.moc"
