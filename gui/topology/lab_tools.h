#pragma once

#include "gui/pages/navigation.h"
#include "gui/source/lab_source.h"
#include "gui/topology/topology_view.h"

#include <QObject>

class QAction;
class QHBoxLayout;
class QMenu;

namespace signalbox::gui {

/// What a hand does to a lab: builds it while it stands still, breaks it while it runs. Each deed
/// is an action of a scenario.
class LabTools : public QObject {
    Q_OBJECT

public:
    /// `view` is where the keys of the tools are heard; all outlive this.
    LabTools(LabSource& lab, TopologyView& view, Navigation& navigation);

    /// Puts the buttons into a row.
    void fill(QHBoxLayout& row);
    /// What can be done to what is selected.
    void fillMenu(QMenu& menu);

private:
    void makeActions();
    QAction* addAction(QString const& icon, QString const& text, QString const& tip,
                       QKeySequence const& key, std::function<void()> run);
    void fillTemplates(QMenu& menu);
    void fillBuildMenu(QMenu& menu);
    void fillServerMenu(QMenu& menu, QString const& name);
    void fillLinkMenu(QMenu& menu, TopologyEdge const& edge);
    void addLatencies(QMenu& menu, TopologyEdge const& edge);

    void cutDrawn(QLineF const& line, std::vector<int> const& edges);
    void linkDrawn(int from, int to);
    void act(host::lab::Action const& action);
    void doTo(host::lab::Deed deed);
    void pauseOrResume();
    void build(host::lab::Scenario scenario);
    void openScenario();
    void saveScenario();
    void saveConfigurations();
    void showState();

    TopologyNode const* selectedServer() const;
    std::string selectedName() const;

    LabSource& lab_;
    TopologyView& view_;
    Navigation& navigation_;
    QAction* cut_ = nullptr;
    QAction* heal_ = nullptr;
    QAction* kill_ = nullptr;
    QAction* pause_ = nullptr;
    QAction* restart_ = nullptr;
    QAction* drain_ = nullptr;
    QAction* play_ = nullptr;
    QAction* open_ = nullptr;
    QAction* save_ = nullptr;
    QAction* files_ = nullptr;
    QMenu* templates_ = nullptr;
};

}  // namespace signalbox::gui
