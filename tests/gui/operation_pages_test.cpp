#include "gui/application_settings.h"
#include "gui/editor/configuration_editor.h"
#include "gui/icons.h"
#include "gui/main_window.h"
#include "gui/models/event_list_model.h"
#include "gui/models/explain_lines.h"
#include "gui/models/problem_model.h"
#include "gui/pages/explain_page.h"
#include "gui/source/configuration_checker.h"

#include "tests/gui/fake_source.h"
#include "tests/support/run_tests.h"

#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QTemporaryDir>
#include <QTextBrowser>

namespace signalbox::gui {

namespace {

constexpr char kShop[] =
    "port: 4222\n"
    "authorization {\n"
    "  users: [\n"
    "    {user: anna, password: hunter2, permissions: {\n"
    "      publish: {allow: [\"orders.>\"], deny: \"orders.secret\"}\n"
    "      subscribe: \"orders.>\"\n"
    "    }}\n"
    "  ]\n"
    "}\n";

/// A window on one page.
struct Bench {
    explicit Bench(QString const& page) : theme(ThemeKind::Light) {
        loadResources();
        theme.apply(ThemeKind::Light);
        window = std::make_unique<MainWindow>(source, theme, settings);
        window->show();
        QApplication::setActiveWindow(window.get());
        window->showPage(page);
    }

    template <class Widget>
    Widget* named(QString const& name) {
        for (Widget* const one : window->currentPage().findChildren<Widget*>()) {
            if (one->accessibleName() == name) {
                return one;
            }
        }
        return nullptr;
    }

    QString write(QByteArray const& text) {
        QString const path = folder.filePath(QStringLiteral("a.conf"));
        QFile file(path);
        if (file.open(QIODevice::WriteOnly)) {
            file.write(text);
        }
        return path;
    }

    /// What the source would say once it runs with this.
    void runWith(std::string const& text) {
        source.configuration =
            checkConfiguration(text, folder.filePath(QStringLiteral("a.conf"))).configuration;
        window->startBroker();
        source.show(sampleSnapshot(1));
        emit source.configurationChanged();
    }

    QTemporaryDir folder;
    FakeSource source;
    Theme theme;
    ApplicationSettings settings = ApplicationSettings::none();
    std::unique_ptr<MainWindow> window;
};

}  // namespace

class OperationPagesTest : public QObject {
    Q_OBJECT

private slots:
    void a_mistake_is_shown_and_not_given_to_the_broker() {
        Bench bench(QStringLiteral("configuration"));
        bench.runWith("port: 4222");
        bench.window->openConfiguration(bench.write("port: 4222\nmax_paylod: 1\n"), false);
        auto* const problems = bench.window->findChild<ProblemModel*>();
        QTRY_COMPARE(problems->rowCount(), 1);
        QCOMPARE(problems->problemAt(0)->line, 2);
        auto* const editor = bench.window->findChild<ConfigurationEditor*>();
        QVERIFY(editor->annotation(1).contains(QStringLiteral("did you mean")));
        bench.window->actions().get(QStringLiteral("configuration.reload"))->trigger();
        auto* const outcome = bench.named<QLabel>(QStringLiteral("Outcome"));
        QTRY_VERIFY(outcome->text().contains(QStringLiteral("goes on as it was")));
        QVERIFY(bench.source.reloaded.empty());
    }

    void a_reload_saves_and_tells_its_outcome() {
        Bench bench(QStringLiteral("configuration"));
        bench.runWith("port: 4222");
        QString const path = bench.write("port: 4222\n");
        bench.window->openConfiguration(path, false);
        auto* const editor = bench.window->findChild<ConfigurationEditor*>();
        QTRY_COMPARE(editor->bytes(), std::string("port: 4222\n"));
        editor->setFocus();
        editor->setCursorPosition(1, 0);
        QTest::keyClicks(editor, QStringLiteral("debug: true"));
        QVERIFY(editor->isModified());
        QTest::keyClick(editor, Qt::Key_F5);
        QTRY_COMPARE(bench.source.reloaded.size(), std::size_t{1});
        QVERIFY(bench.source.reloaded[0]->options.logging.debug);
        QVERIFY(!editor->isModified());
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().contains("debug: true"));
        auto* const outcome = bench.named<QLabel>(QStringLiteral("Outcome"));
        bench.source.finish({.token = bench.source.lastToken(), .error = QStringLiteral("no!")});
        QVERIFY(outcome->text().contains(QStringLiteral("no!")));
    }

    void a_broker_is_started_from_the_file() {
        Bench bench(QStringLiteral("configuration"));
        bench.window->openConfiguration(bench.write("port: 4333\n"), true);
        QTRY_VERIFY(bench.source.started.has_value());
        QCOMPARE(bench.source.started->configuration->options.listen.port, 4333);
    }

    void keys_are_offered_and_explained() {
        Bench bench(QStringLiteral("configuration"));
        bench.window->actions().get(QStringLiteral("configuration.new"))->trigger();
        auto* const editor = bench.window->findChild<ConfigurationEditor*>();
        editor->setBytes("");
        editor->setFocus();
        QTest::keyClicks(editor, QStringLiteral("max_pay"));
        QVERIFY(editor->isListActive());
        QTest::keyClick(editor, Qt::Key_Return);
        QCOMPARE(editor->bytes(), std::string("max_payload"));
        auto* const help =
            bench.named<QTextBrowser>(QStringLiteral("Help for the key at the cursor"));
        QVERIFY(help->toPlainText().contains(QStringLiteral("max_payload")));
        QVERIFY(help->toPlainText().contains(QStringLiteral("1048576")));
        // Tab indents, so another key leads out.
        QTest::keyClick(editor, Qt::Key_F6);
        QVERIFY(!editor->hasFocus());
    }

    void another_program_s_change_is_taken_unless_one_wrote() {
        Bench bench(QStringLiteral("configuration"));
        bench.window->openConfiguration(bench.write("port: 1\n"), false);
        auto* const editor = bench.window->findChild<ConfigurationEditor*>();
        QTRY_COMPARE(editor->bytes(), std::string("port: 1\n"));
        bench.write("port: 2\n");
        QTRY_COMPARE(editor->bytes(), std::string("port: 2\n"));
        editor->setFocus();
        QTest::keyClicks(editor, QStringLiteral("#"));
        bench.write("port: 3\n");
        auto* const outcome = bench.named<QLabel>(QStringLiteral("Outcome"));
        QTRY_VERIFY(outcome->text().contains(QStringLiteral("is kept here")));
        QCOMPARE(editor->bytes(), std::string("#port: 2\n"));
    }

    void a_permission_is_answered_with_its_line() {
        Bench bench(QStringLiteral("accounts"));
        bench.runWith(kShop);
        auto* const subject = bench.named<QLineEdit>(QStringLiteral("Subject"));
        auto* const answer = bench.named<QTextBrowser>(QStringLiteral("Answer"));
        QTest::keyClicks(subject, QStringLiteral("orders.secret"));
        QString const no = answer->toPlainText();
        QVERIFY(no.contains(QStringLiteral("No, anna may not publish to orders.secret")));
        QVERIFY(no.contains(QStringLiteral("deny orders.secret")));
        QVERIFY(no.contains(QStringLiteral("allow orders.>")));
        QVERIFY(no.contains(QStringLiteral("a.conf:5")));
        QVERIFY(no.contains(QStringLiteral("decides")));
        subject->setText(QStringLiteral("orders.new"));
        QVERIFY(answer->toPlainText().contains(QStringLiteral("Yes, anna may publish to")));
        bench.named<QComboBox>(QStringLiteral("Act"))->setCurrentIndex(1);
        subject->setText(QStringLiteral("stock"));
        QVERIFY(answer->toPlainText().contains(QStringLiteral("may not subscribe to stock")));
        for (QTextBrowser* const browser : bench.window->findChildren<QTextBrowser*>()) {
            QVERIFY(!browser->toHtml().contains(QStringLiteral("hunter2")));
        }
    }

    void an_explanation_is_asked_for_and_shown() {
        Bench bench(QStringLiteral("explain"));
        bench.runWith(kShop);
        auto* const subject = bench.named<QLineEdit>(QStringLiteral("Subject"));
        subject->setText(QStringLiteral("orders.new"));
        QVERIFY(!bench.source.explained.empty());
        QCOMPARE(bench.source.explained.back().user, std::string("anna"));
        observe::Explanation explanation{.question = bench.source.explained.back()};
        observe::ExplainedWay way{.subject = "orders.new",
                                  .mapping = "orders.* -> shop.$1",
                                  .percent = 90,
                                  .publish = {.allowed = true, .line = "allow \"orders.>\""}};
        way.receivers.push_back({.account = "$G", .cid = 7, .name = "warehouse", .sid = "1"});
        way.receivers.push_back({.account = "$G",
                                 .cid = 8,
                                 .filter = "orders.>",
                                 .hears = {.allowed = false, .line = "deny \"orders.new\""}});
        explanation.ways.push_back(way);
        bench.source.finish({.token = bench.source.lastToken(), .explanation = explanation});
        QString const text =
            bench.named<QTextBrowser>(QStringLiteral("Explanation"))->toPlainText();
        for (char const* const part :
             {"One subscription would receive it", "warehouse (connection 7)", "90 %",
              "anna may publish to orders.new, by allow \"orders.>\"",
              "not delivered, by deny \"orders.new\""}) {
            QVERIFY2(text.contains(QLatin1String(part)), qPrintable(text));
        }
    }

    void a_message_that_is_sent_is_followed() {
        Bench bench(QStringLiteral("explain"));
        bench.runWith(kShop);
        bench.named<QLineEdit>(QStringLiteral("Subject"))->setText(QStringLiteral("orders.new"));
        bench.source.finish(
            {.token = bench.source.lastToken(), .explanation = observe::Explanation{}});
        bench.window->findChild<ExplainPage*>()->sendOne();
        QCOMPARE(bench.source.traced.back().user, std::string("anna"));
        QCOMPARE(bench.source.traced.back().subject, std::string("orders.new"));
        bench.source.finish(
            {.token = bench.source.lastToken(),
             .reply = host::Reply{
                 .payload = "{\"events\":[{\"type\":\"in\",\"cid\":5,\"acc\":\"$G\",\"subj\":"
                            "\"orders.new\"},"
                            "{\"type\":\"sm\",\"to\":\"shop.new\"},"
                            "{\"type\":\"eg\",\"cid\":7,\"name\":\"warehouse\",\"sub\":\"shop.*\"},"
                            "{\"type\":\"eg\",\"cid\":8,\"sub\":\">\",\"error\":\"denied\"}]}"}});
        QString const text =
            bench.named<QTextBrowser>(QStringLiteral("What became of the message that was sent"))
                ->toPlainText();
        for (char const* const part : {"came in from connection 5", "mapped to shop.new",
                                       "went to warehouse (connection 7)", "denied"}) {
            QVERIFY2(text.contains(QLatin1String(part)), qPrintable(text));
        }
        QCOMPARE(traceLines("no json").size(), std::size_t{1});
    }

    void an_event_shows_all_that_is_known_of_it() {
        Bench bench(QStringLiteral("events"));
        bench.runWith("port: 1");
        auto who = std::make_shared<observe::ConnectionIdentity>();
        who->cid = 12;
        who->name = "printer";
        observe::EventRow event;
        event.kind = observe::EventKind::AuthenticationFailed;
        event.connection = who;
        emit bench.source.eventsArrived({event});
        bench.source.show(sampleSnapshot(2));
        auto* const model = bench.window->findChild<EventListModel*>();
        QCOMPARE(model->rowCount(), 1);
        bench.window->currentPage().prepareForPicture();
        auto* const details = bench.named<QPlainTextEdit>(QStringLiteral("The selected event"));
        QVERIFY(details->toPlainText().contains(QStringLiteral("printer")));
    }
};

SIGNALBOX_TEST(OperationPagesTest);

}  // namespace signalbox::gui

#include "operation_pages_test.moc"
