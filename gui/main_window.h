#pragma once

#include "gui/pages/page.h"

#include <QElapsedTimer>
#include <QMainWindow>
#include <QTimer>

#include <vector>

class QLabel;
class QListWidget;
class QStackedWidget;

namespace signalbox::gui {

class FrameMeter;
class MessagesPage;
class ProfileStrip;
class SubjectsPage;

/// The workbench: pages around one source.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    MainWindow(DataSource& source, Theme& theme, ApplicationSettings& settings);
    ~MainWindow() override;

    /// False when there is no such page.
    bool showPage(QString const& id);
    QString page() const;
    /// Id and text of every page, in the order of the navigator.
    QList<PageTitle> pages() const;
    Page& currentPage() const;

    Actions& actions() { return actions_; }
    BrokerOptions const& brokerOptions() const { return brokerOptions_; }
    void setBrokerOptions(BrokerOptions const& options) { brokerOptions_ = options; }
    void startBroker();
    /// Shows that file in the editor; `start`: and runs a broker from it.
    void openConfiguration(QString const& path, bool start);

signals:
    /// A profile's id, or none: which server shall be attached to is to be asked.
    void attachWanted(QString const& profile);
    /// A window for a broker that runs in it.
    void localWanted();
    /// A window for a cluster on this machine.
    void labWanted();
    /// The profile of this window is to be changed.
    void profileWanted();
    void closed();

protected:
    void changeEvent(QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void makeBrokerActions();
    void makeRemoteActions();
    void makePageActions();
    void makeViewActions();
    void makeFindActions();
    void makePages();
    void makeNavigator();
    void makeToolBar();
    void makeStatusBar();
    void addPage(Page* page);
    void connectNavigation();
    void restoreLayout();
    void saveLayout();

    void openPalette();
    void openBrokerDialog();
    void toggleTheme();
    void showShortcuts();

    void take(observe::SnapshotPtr const& snapshot);
    void showState();
    void showStatus(observe::SnapshotPtr const& snapshot);
    void checkStale();
    void showAge(bool old);
    void watch();
    void say(QString const& text);
    bool mayClose();

    struct Status {
        QLabel* message = nullptr;
        QLabel* rates = nullptr;
        QLabel* connections = nullptr;
        QLabel* slow = nullptr;
        QLabel* tap = nullptr;
        QLabel* frames = nullptr;
    };

    DataSource& source_;
    Theme& theme_;
    ApplicationSettings& settings_;
    Actions actions_;
    Navigation navigation_;
    TrafficHistory history_;
    EventModel events_;
    std::vector<Page*> pages_;
    QListWidget* navigator_ = nullptr;
    QStackedWidget* stack_ = nullptr;
    QLabel* banner_ = nullptr;
    QLabel* address_ = nullptr;
    ProfileStrip* strip_ = nullptr;  ///< Of a server that runs elsewhere.
    Status status_;
    FrameMeter* meter_ = nullptr;
    BrokerOptions brokerOptions_;
    QTimer staleTimer_;
    QElapsedTimer sinceSnapshot_;
    unsigned snapshots_ = 0;
};

}  // namespace signalbox::gui
