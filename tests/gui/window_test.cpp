#include "engine/base/logger.h"

#include "gui/application_settings.h"
#include "gui/command_line.h"
#include "gui/icons.h"
#include "gui/main_window.h"
#include "gui/models/sent_model.h"
#include "gui/plots/traffic_plot.h"
#include "gui/widgets/command_palette.h"
#include "gui/widgets/live_table.h"
#include "gui/widgets/payload_view.h"
#include "gui/workbench.h"

#include "tests/gui/fake_source.h"
#include "tests/support/run_tests.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>

namespace signalbox::gui {

namespace {

/// A window on a source that a test drives, with a broker and some traffic when asked for.
struct Bench {
    explicit Bench(bool running = true, ThemeKind kind = ThemeKind::Light) : theme(kind) {
        loadResources();
        theme.apply(kind);
        window = std::make_unique<MainWindow>(source, theme, settings);
        window->show();
        window->activateWindow();
        // Keys go to the active window alone.
        QApplication::setActiveWindow(window.get());
        if (running) {
            window->startBroker();
            feed(40);
        }
    }

    void feed(unsigned ticks) {
        for (unsigned i = 0; i < ticks; ++i) {
            source.show(sampleSnapshot(tick++));
        }
        observe::EventRow event;
        event.kind = observe::EventKind::ServerReady;
        event.text = "listening on 127.0.0.1:4222";
        emit source.eventsArrived({event});
        observe::LogRow line;
        line.level = static_cast<int>(base::LogLevel::Notice);
        line.text = "Server is ready";
        emit source.logArrived({line});
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

    FakeSource source;
    Theme theme;
    ApplicationSettings settings = ApplicationSettings::none();
    std::unique_ptr<MainWindow> window;
    unsigned tick = 0;
};

bool needsName(QWidget const& widget) {
    return qobject_cast<QAbstractButton const*>(&widget) != nullptr ||
           qobject_cast<QLineEdit const*>(&widget) != nullptr ||
           qobject_cast<QComboBox const*>(&widget) != nullptr ||
           qobject_cast<QAbstractSpinBox const*>(&widget) != nullptr ||
           qobject_cast<QTableView const*>(&widget) != nullptr;
}

/// Parts of Qt's own controls, which speak for them.
bool isInside(QWidget const& widget) {
    return widget.objectName().startsWith(QStringLiteral("qt_")) ||
           qobject_cast<QAbstractSpinBox const*>(widget.parentWidget()) != nullptr ||
           qobject_cast<QComboBox const*>(widget.parentWidget()) != nullptr ||
           qobject_cast<QLineEdit const*>(widget.parentWidget()) != nullptr ||
           widget.parentWidget()->inherits("QTabBar") ||
           widget.parentWidget()->inherits("QTableView") || widget.inherits("QToolBarExtension");
}

}  // namespace

class WindowTest : public QObject {
    Q_OBJECT

private slots:
    // Every page in both themes, with a broker and without one, to a file one can look at.
    void every_page_renders_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<bool>("running");
        QTest::newRow("light") << static_cast<int>(ThemeKind::Light) << true;
        QTest::newRow("dark") << static_cast<int>(ThemeKind::Dark) << true;
        QTest::newRow("light-stopped") << static_cast<int>(ThemeKind::Light) << false;
    }
    void every_page_renders() {
        QFETCH(int, kind);
        QFETCH(bool, running);
        Bench bench(running, static_cast<ThemeKind>(kind));
        QDir const folder(QString::fromStdString(support::binary_dir()) +
                          QStringLiteral("/gui-pictures"));
        QVERIFY(QDir().mkpath(folder.path()));
        for (PageTitle const& page : bench.window->pages()) {
            QVERIFY(bench.window->showPage(page.id));
            QCOMPARE(bench.window->page(), page.id);
            if (running) {
                bench.feed(2);
                emit bench.source.tapArrived(sampleMessages(1, 40));
                bench.window->currentPage().prepareForPicture();
            }
            QImage const image = bench.window->grab().toImage();
            QVERIFY(image.width() >= 1000);
            QString const name =
                QStringLiteral("%1-%2.png").arg(page.id, QLatin1String(QTest::currentDataTag()));
            QVERIFY(image.save(folder.filePath(name)));
        }
    }

    void the_listed_pages_are_those_of_the_window() {
        Bench bench(false);
        QStringList ids;
        for (PageTitle const& page : bench.window->pages()) {
            ids << page.id;
        }
        QCOMPARE(pageList().split(QLatin1Char('\n'), Qt::SkipEmptyParts), ids);
    }

    void every_control_has_a_name_for_those_who_do_not_see_it() {
        Bench bench;
        for (PageTitle const& page : bench.window->pages()) {
            bench.window->showPage(page.id);
            bench.feed(2);
        }
        for (QWidget const* const widget : bench.window->findChildren<QWidget*>()) {
            if (needsName(*widget) && !isInside(*widget)) {
                QString const what =
                    QStringLiteral("%1 in %2")
                        .arg(QLatin1String(widget->metaObject()->className()),
                             QLatin1String(widget->parentWidget()->metaObject()->className()));
                QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(what));
            }
        }
    }

    void the_palette_opens_by_keys_lists_all_and_runs_by_return() {
        Bench bench;
        QTest::keyClick(bench.window.get(), Qt::Key_K, Qt::ControlModifier);
        auto* const palette = bench.window->findChild<CommandPalette*>();
        QVERIFY(palette != nullptr);
        for (QAction const* const action : bench.window->actions().all()) {
            if (action->isEnabled() && action->objectName() != QStringLiteral("palette.open")) {
                QVERIFY2(palette->listed().contains(action->text()), qPrintable(action->text()));
            }
        }
        auto* const typed = palette->findChild<QLineEdit*>();
        QTest::keyClicks(typed, QStringLiteral("conn"));
        QCOMPARE(palette->listed().front(), QStringLiteral("Connections"));
        QTest::keyClick(typed, Qt::Key_Return);
        QCOMPARE(bench.window->page(), QStringLiteral("connections"));
    }

    void a_subject_typed_into_the_palette_can_be_gone_to() {
        Bench bench;
        bench.window->actions().get(QStringLiteral("palette.open"))->trigger();
        auto* const palette = bench.window->findChild<CommandPalette*>();
        auto* const typed = palette->findChild<QLineEdit*>();
        QTest::keyClicks(typed, QStringLiteral("orders.*"));
        QVERIFY(palette->listed().contains(QStringLiteral("Go to subject orders.*")));
        QTest::keyClick(typed, Qt::Key_Up);
        QTest::keyClick(typed, Qt::Key_Up);
        QTest::keyClick(typed, Qt::Key_Return);
        QCOMPARE(bench.window->page(), QStringLiteral("subjects"));
        QVERIFY(bench.source.treeQuery.has_value());
        QCOMPARE(bench.source.treeQuery->filter, std::string("orders.*"));
    }

    void the_tree_is_asked_for_only_while_it_is_on_screen() {
        Bench bench;
        QVERIFY(!bench.source.treeQuery.has_value());
        bench.window->showPage(QStringLiteral("subjects"));
        QVERIFY(bench.source.treeQuery.has_value());
        bench.window->showPage(QStringLiteral("log"));
        QVERIFY(!bench.source.treeQuery.has_value());
    }

    void a_row_of_the_tree_is_closed_and_opened_by_keys() {
        Bench bench;
        bench.window->showPage(QStringLiteral("subjects"));
        bench.feed(1);
        auto* const table = bench.named<LiveTable>(QStringLiteral("Subjects"));
        table->selectRow(0);
        observe::NodeId const node = 1;
        bench.source.treeQuery->expanded = {node};
        QTest::keyClick(table, Qt::Key_Left);
        QVERIFY(std::ranges::find(bench.source.treeQuery->expanded, node) ==
                bench.source.treeQuery->expanded.end());
        table->selectRow(2);
        QTest::keyClick(table, Qt::Key_Left);
        QCOMPARE(table->currentIndex().row(), 0);
    }

    void sorting_is_asked_of_the_source() {
        Bench bench;
        bench.window->showPage(QStringLiteral("subjects"));
        auto* const table = bench.named<LiveTable>(QStringLiteral("Subjects"));
        table->horizontalHeader()->setSortIndicator(1, Qt::DescendingOrder);
        QCOMPARE(bench.source.treeQuery->sort, observe::TreeSort::MsgRate);
        QVERIFY(bench.source.treeQuery->descending);
    }

    void a_capture_filter_reaches_the_engine_by_return() {
        Bench bench;
        bench.window->showPage(QStringLiteral("messages"));
        QVERIFY(bench.source.taps.back().has_value());
        QCOMPARE(bench.source.taps.back()->subject, std::string(">"));
        auto* const filter = bench.named<QLineEdit>(QStringLiteral("Capture filter"));
        QTest::keyClicks(filter, QStringLiteral("orders.> && size > 1k"));
        QCOMPARE(filter->property("verdict").toString(), QStringLiteral("valid"));
        QTest::keyClick(filter, Qt::Key_Return);
        QCOMPARE(bench.source.taps.back()->subject, std::string("orders.>"));
        QCOMPARE(bench.source.taps.back()->min_bytes, 1'001U);
        QTest::keyClicks(filter, QStringLiteral(" &&"));
        QCOMPARE(filter->property("verdict").toString(), QStringLiteral("invalid"));
        std::size_t const asked = bench.source.taps.size();
        QTest::keyClick(filter, Qt::Key_Return);
        QCOMPARE(bench.source.taps.size(), asked);
    }

    void the_counters_of_the_tap_are_always_on_screen() {
        Bench bench;
        bench.window->showPage(QStringLiteral("messages"));
        bench.feed(2);
        QCOMPARE(bench.named<QLabel>(QStringLiteral("Matched"))->text(),
                 QStringLiteral("matched 64"));
        QCOMPARE(bench.named<QLabel>(QStringLiteral("Sampled out"))->text(),
                 QStringLiteral("sampled out 12"));
        QCOMPARE(bench.named<QLabel>(QStringLiteral("Dropped"))->text(),
                 QStringLiteral("dropped 1"));
    }

    void a_message_is_shown_as_json_with_its_headers() {
        Bench bench;
        bench.window->showPage(QStringLiteral("messages"));
        emit bench.source.tapArrived(sampleMessages(1, 4));
        auto* const table = bench.named<LiveTable>(QStringLiteral("Messages"));
        table->selectRow(0);
        auto* const view = bench.window->currentPage().findChild<PayloadView*>();
        QCOMPARE(view->shown(), PayloadView::JsonTab);
        QVERIFY(view->text().contains(QStringLiteral("\n  \"customer\": \"Ada\"")));
        QVERIFY(!table->following());
        view->choose(PayloadView::Hex);
        table->selectRow(1);
        QCOMPARE(view->shown(), PayloadView::Hex);
        QVERIFY(view->text().startsWith(QStringLiteral("00000000  7b 22")));
    }

    void a_message_is_published_with_its_headers_as_often_as_asked() {
        Bench bench;
        bench.window->showPage(QStringLiteral("publish"));
        bench.named<QLineEdit>(QStringLiteral("Subject"))->setText(QStringLiteral("shop.test"));
        QTest::mouseClick(bench.named<QAbstractButton>(QStringLiteral("Add a header")),
                          Qt::LeftButton);
        auto* const headers = bench.named<QTableWidget>(QStringLiteral("Headers"));
        headers->item(0, 0)->setText(QStringLiteral("X-Env"));
        headers->item(0, 1)->setText(QStringLiteral("test"));
        bench.named<QSpinBox>(QStringLiteral("How many times"))->setValue(100);
        QTest::keyClick(bench.window.get(), Qt::Key_Return, Qt::ControlModifier);
        // Not all at once: the engine's mailbox is bounded.
        QVERIFY(bench.source.published.size() < 100);
        for (JobToken token = 1; token <= 400; ++token) {
            bench.source.finish({.token = token});
        }
        QCOMPARE(bench.source.published.size(), 100U);
        QCOMPARE(bench.source.published[0].subject, std::string("shop.test"));
        QCOMPARE(bench.source.published[0].headers.size(), 1U);
        auto* const sent = bench.window->currentPage().findChild<SentModel*>();
        QCOMPARE(sent->rowAt(0)->result, QStringLiteral("published 100 times"));
    }

    void the_graph_leaves_now_by_zooming_and_comes_back_by_a_key() {
        Bench bench;
        bench.window->showPage(QStringLiteral("traffic"));
        bench.feed(4);
        auto* const plot = bench.window->currentPage().findChild<TrafficPlot*>();
        QVERIFY(plot->live());
        plot->zoom(0.5);
        QVERIFY(!plot->live());
        QTest::keyClick(bench.window.get(), Qt::Key_Period, Qt::ControlModifier);
        QVERIFY(plot->live());
        plot->pan(-0.2);
        QVERIFY(!plot->live());
    }

    void the_graph_is_taken_along_as_a_picture_and_as_values() {
        Bench bench;
        bench.window->showPage(QStringLiteral("traffic"));
        bench.feed(4);
        auto* const plot = bench.window->currentPage().findChild<TrafficPlot*>();
        plot->refreshNow();
        QTemporaryDir const folder;
        QString const path = folder.filePath(QStringLiteral("traffic.png"));
        QVERIFY(plot->savePng(path));
        QVERIFY(QImage(path).width() > 500);
        QVERIFY(plot->csv().count(QLatin1Char('\n')) > 30);
    }

    void a_wildcard_is_no_subject_to_publish_on() {
        Bench bench;
        bench.window->showPage(QStringLiteral("publish"));
        bench.named<QLineEdit>(QStringLiteral("Subject"))->setText(QStringLiteral("orders.*"));
        QVERIFY(!bench.named<QPushButton>(QStringLiteral("Publish the message"))->isEnabled());
    }

    void an_answer_and_no_responders_are_told_apart() {
        Bench bench;
        bench.window->showPage(QStringLiteral("publish"));
        auto* const ask =
            bench.named<QPushButton>(QStringLiteral("Send as a request and wait for an answer"));
        auto* const answer = bench.named<QLabel>(QStringLiteral("Answer"));
        QTest::mouseClick(ask, Qt::LeftButton);
        QVERIFY(!ask->isEnabled());
        host::Reply reply;
        reply.no_responders = true;
        bench.source.finish({.token = bench.source.lastToken(), .reply = reply});
        QVERIFY(answer->text().startsWith(QStringLiteral("No responders")));
        QTest::mouseClick(ask, Qt::LeftButton);
        reply.no_responders = false;
        reply.payload = "pong";
        reply.after = base::microseconds(420);
        bench.source.finish({.token = bench.source.lastToken(), .reply = reply});
        QVERIFY(answer->text().contains(QStringLiteral("420 µs")));
    }

    void a_note_of_the_source_is_on_every_page() {
        Bench bench(false);
        bench.source.note = QStringLiteral("Port 4222 is taken: the broker listens on 4223.");
        bench.window->startBroker();
        bool found = false;
        for (QLabel const* const label : bench.window->findChildren<QLabel*>()) {
            found = found || (label->isVisible() && label->text().contains(bench.source.note));
        }
        QVERIFY(found);
    }

    void the_theme_changes_under_a_running_window() {
        Bench bench;
        QAction* const action = bench.window->actions().get(QStringLiteral("view.theme"));
        action->trigger();
        QCOMPARE(bench.theme.kind(), ThemeKind::Dark);
        QVERIFY(QApplication::palette().color(QPalette::Window).lightness() < 64);
        action->trigger();
        QCOMPARE(bench.theme.kind(), ThemeKind::Light);
    }

    void layout_is_remembered_in_the_folder_given() {
        QTemporaryDir const folder;
        FakeSource source;
        Theme theme(ThemeKind::Light);
        loadResources();
        {
            ApplicationSettings settings = ApplicationSettings::inFolder(folder.path());
            MainWindow window(source, theme, settings);
            window.show();
            window.resize(1111, 777);
            window.close();
        }
        ApplicationSettings settings = ApplicationSettings::inFolder(folder.path());
        MainWindow const window(source, theme, settings);
        QCOMPARE(window.size(), QSize(1111, 777));
    }

    void the_command_line_is_read_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<bool>("understood");
        QTest::newRow("nothing") << QStringList{} << true;
        QTest::newRow("run") << QStringList{"--run", "--port", "5222"} << true;
        QTest::newRow("joined") << QStringList{"--screenshot=a.png", "--page=log"} << true;
        QTest::newRow("picture") << QStringList{"--screenshot", "a.png", "--demo", "--after", "2.5",
                                                "--theme",      "dark",  "--size", "900x600"}
                                 << true;
        QTest::newRow("no value") << QStringList{"--screenshot"} << false;
        QTest::newRow("unknown") << QStringList{"--frob"} << false;
        QTest::newRow("bad size") << QStringList{"--size", "huge"} << false;
        QTest::newRow("bad theme") << QStringList{"--theme", "pink"} << false;
        QTest::newRow("value for a flag") << QStringList{"--run=yes"} << false;
        QTest::newRow("bad port") << QStringList{"--port", "70000"} << false;
        QTest::newRow("attach") << QStringList{"--attach",  "nats://h",      "--creds", "f",
                                               "--monitor", "http://h:8222", "--sample"}
                                << true;
        QTest::newRow("attach and run") << QStringList{"--attach", "nats://h", "--run"} << false;
        QTest::newRow("credentials of nobody") << QStringList{"--creds", "f"} << false;
    }
    void the_command_line_is_read() {
        QFETCH(QStringList, arguments);
        QFETCH(bool, understood);
        CommandLine const line = parseCommandLine(arguments);
        QVERIFY2(line.error.isEmpty() == understood, qPrintable(line.error));
    }
};

SIGNALBOX_TEST(WindowTest);

}  // namespace signalbox::gui

#include "window_test.moc"
