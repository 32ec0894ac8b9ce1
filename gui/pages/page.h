#pragma once

#include "gui/actions.h"
#include "gui/application_settings.h"
#include "gui/models/event_model.h"
#include "gui/models/traffic_history.h"
#include "gui/pages/navigation.h"
#include "gui/source/data_source.h"
#include "gui/theme.h"

#include <QWidget>

class QHBoxLayout;
class QStackedLayout;
class QTableView;
class QToolButton;
class QVBoxLayout;

namespace signalbox::gui {

class EmptyState;

/// What every page of a window shares. All of it outlives the pages.
struct PageContext {
    DataSource& source;
    Theme& theme;
    Actions& actions;
    Navigation& navigation;
    ApplicationSettings& settings;
    TrafficHistory& history;
    EventModel& events;
};

/// What a page is called and looks like in the navigator.
struct PageTitle {
    QString id;
    QString text;
    QString icon;
};

/// One screen: a heading with its tools, and a body. Shows values, asks the source, never waits.
class Page : public QWidget {
    Q_OBJECT

public:
    Page(PageContext const& context, PageTitle title);

    PageTitle const& title() const { return title_; }

    /// Called at most ten times a second, and only while the page is on screen.
    virtual void showSnapshot(observe::SnapshotPtr const& snapshot) = 0;

    /// Pages that move more smoothly than tables have to.
    virtual bool wantsEverySnapshot() const { return false; }

    /// Chooses what a picture of the page should have selected and opened.
    virtual void prepareForPicture() {}

    /// False when something would be lost that one wants to keep; asks.
    virtual bool mayClose() { return true; }

    /// Remembers and restores widths of columns and positions of splitters.
    virtual void saveLayout() {}

protected:
    PageContext const& context() const { return context_; }

    /// The source is a server that runs elsewhere.
    bool isRemote() const { return context_.source.title().has_value(); }

    QHBoxLayout& tools() { return *tools_; }
    /// The body; without an empty state it is always shown.
    QVBoxLayout& body() { return *body_; }
    void setEmptyState(EmptyState* empty);

    /// What stands there while no broker runs in this window, or while the source cannot tell of
    /// `needed`. Of a remote one the page says so by itself, in the source's words.
    struct IdleState {
        QString icon;
        QString title;
        QString text;
        Capability needed;
    };
    void setIdleState(IdleState const& idle);
    /// Shows the body, or why there is none. True when it is the body.
    bool showIdle();

    void showEmpty(bool empty);

    /// A button for an action of the window, in the heading.
    QToolButton* addTool(QAction* action, Qt::ToolButtonStyle style = Qt::ToolButtonIconOnly);

    void saveColumns(QTableView const& table, QString const& name);
    void restoreColumns(QTableView& table, QString const& name);

    observe::ServerSnapshot const* server(observe::SnapshotPtr const& snapshot) const {
        return serverIn(snapshot, context_.source.server());
    }

private:
    PageContext context_;
    PageTitle title_;
    IdleState idle_;
    EmptyState* idleWidget_ = nullptr;
    QHBoxLayout* tools_;
    QVBoxLayout* body_;
    QStackedLayout* stack_;
};

/// A label of less weight, or of another role of the style sheet.
QWidget* mutedLabel(QString const& text);

}  // namespace signalbox::gui
