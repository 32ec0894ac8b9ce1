#include "gui/topology/lab_tools.h"

#include "engine/host/lab/scenario_parser.h"

#include "gui/icons.h"
#include "gui/models/figures.h"
#include "gui/topology/lab_design.h"
#include "gui/topology/lab_graph.h"

#include <QAction>
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QMenu>
#include <QMessageBox>
#include <QSaveFile>
#include <QToolButton>

#include <utility>

namespace signalbox::gui {

namespace {

using host::lab::Act;
using host::lab::Deed;
using host::lab::Heal;

QToolButton* buttonFor(QAction* action, bool withText) {
    auto* const button = new QToolButton;
    button->setDefaultAction(action);
    button->setToolButtonStyle(withText ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
    button->setAccessibleName(action->text());
    button->setIconSize({18, 18});
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

/// What a menu offers to add to a link, in milliseconds.
constexpr int kLatencies[] = {0, 5, 20, 50, 150, 500};

}  // namespace

LabTools::LabTools(LabSource& lab, TopologyView& view, Navigation& navigation)
    : QObject(&view), lab_(lab), view_(view), navigation_(navigation) {
    makeActions();
    connect(&view, &TopologyView::cutDrawn, this, &LabTools::cutDrawn);
    connect(&view, &TopologyView::linkDrawn, this, &LabTools::linkDrawn);
    connect(&view, &TopologyView::emptyPlaceChosen, this, [this] {
        if (lab_.cluster() == nullptr) {
            build(withCluster(lab_.design()));
        }
    });
    connect(&view, &TopologyView::cuttingChanged, cut_, &QAction::setChecked);
    connect(&view, &TopologyView::selectionChanged, this, &LabTools::showState);
    connect(&lab, &DataSource::stateChanged, this, &LabTools::showState);
    connect(&lab, &DataSource::snapshotArrived, this, &LabTools::showState);
    connect(&lab, &LabSource::designChanged, this, &LabTools::showState);
    showState();
}

QAction* LabTools::addAction(QString const& iconName, QString const& text, QString const& tip,
                             QKeySequence const& key, std::function<void()> run) {
    auto* const action = new QAction(icon(iconName), text, this);
    QString const keyText = key.toString(QKeySequence::NativeText);
    action->setToolTip(keyText.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, keyText));
    action->setShortcut(key);
    // Letters are keys of the drawing alone.
    action->setShortcutContext(Qt::WidgetShortcut);
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    view_.addAction(action);
    return action;
}

void LabTools::makeActions() {
    cut_ = addAction(QStringLiteral("cut"), tr("Cut"),
                     tr("Draw a line across links: nothing passes them until they are healed"),
                     Qt::Key_P, [this] { view_.setCutting(!view_.cutting()); });
    cut_->setCheckable(true);
    heal_ = addAction(QStringLiteral("heal"), tr("Heal all"), tr("End all cuts"), Qt::Key_H,
                      [this] { act(Heal{}); });
    kill_ = addAction(QStringLiteral("disconnect"), tr("Kill"),
                      tr("End the selected server at once, as a power plug would"), Qt::Key_K,
                      [this] { doTo(Deed::Kill); });
    pause_ = addAction(QStringLiteral("pause"), tr("Pause"),
                       tr("The selected server stands still, or goes on"), Qt::Key_Space,
                       [this] { pauseOrResume(); });
    restart_ = addAction(QStringLiteral("reload"), tr("Restart"),
                         tr("Kill the selected server and start it, or start it"), Qt::Key_R,
                         [this] { doTo(Deed::Restart); });
    drain_ = addAction(QStringLiteral("lame-duck"), tr("Lame duck"),
                       tr("The selected server sends its clients elsewhere, and ends"), Qt::Key_L,
                       [this] { doTo(Deed::Drain); });
    play_ = addAction(QStringLiteral("play"), tr("Play the scenario"),
                      tr("Do the steps of the scenario at their times"), {}, [this] {
                          if (!lab_.play()) {
                              emit navigation_.said(tr("This scenario has no steps."));
                          }
                      });
    open_ = addAction(QStringLiteral("open"), tr("Open a scenario…"),
                      tr("Build the cluster that a scenario file describes"), {},
                      [this] { openScenario(); });
    save_ = addAction(QStringLiteral("save"), tr("Save as a scenario…"),
                      tr("Write this cluster and its loads as a scenario file"), {},
                      [this] { saveScenario(); });
    files_ = addAction(QStringLiteral("configuration"), tr("Write configuration files…"),
                       tr("One file for each server, which signalboxd runs as they are"), {},
                       [this] { saveConfigurations(); });
}

void LabTools::fill(QHBoxLayout& row) {
    auto* const shapes = new QToolButton;
    shapes->setText(tr("Build"));
    shapes->setIcon(icon(QStringLiteral("add")));
    shapes->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    shapes->setPopupMode(QToolButton::InstantPopup);
    shapes->setProperty("menuButton", true);
    shapes->setAccessibleName(tr("Build a cluster"));
    shapes->setToolTip(tr("Begin with a shape, or open a scenario"));
    templates_ = new QMenu(shapes);
    connect(templates_, &QMenu::aboutToShow, this, [this] {
        templates_->clear();
        fillTemplates(*templates_);
    });
    shapes->setMenu(templates_);
    row.addWidget(shapes);
    for (QAction* const action : {cut_, heal_, kill_, pause_, restart_, drain_}) {
        row.addWidget(buttonFor(action, true));
    }
    row.addWidget(buttonFor(play_, false));
    row.addWidget(buttonFor(files_, false));
}

void LabTools::fillTemplates(QMenu& menu) {
    bool const still = lab_.cluster() == nullptr;
    for (LabTemplate const& one : labTemplates()) {
        QAction* const action =
            menu.addAction(tr("%1 – %2").arg(one.name, one.text), this,
                           [this, scenario = one.scenario] { build(scenario); });
        action->setEnabled(still);
    }
    menu.addSeparator();
    open_->setEnabled(still);
    menu.addAction(open_);
    menu.addAction(save_);
    menu.addAction(files_);
    if (still) {
        menu.addSeparator();
        fillBuildMenu(menu);
    }
}

void LabTools::fillMenu(QMenu& menu) {
    TopologyFocus const focus = view_.selected();
    if (lab_.cluster() == nullptr) {
        fillBuildMenu(menu);
        return;
    }
    if (TopologyNode const* const server = selectedServer()) {
        fillServerMenu(menu, server->name);
    } else if (focus.edge >= 0) {
        TopologyEdge const edge = view_.graph().edges[static_cast<std::size_t>(focus.edge)];
        if (edge.kind != TopologyEdge::Kind::Clients) {
            fillLinkMenu(menu, edge);
        }
    }
    menu.addAction(cut_);
    menu.addAction(heal_);
}

void LabTools::fillBuildMenu(QMenu& menu) {
    host::lab::Scenario const& design = lab_.design();
    TopologyNode const* const chosen = selectedServer();
    std::string const cluster = chosen ? chosen->cluster.toStdString() : std::string();
    if (!cluster.empty()) {
        QString const name = chosen->cluster;
        menu.addAction(tr("Add a server to %1").arg(name), this,
                       [=, this] { build(withServer(lab_.design(), cluster)); });
        menu.addAction(tr("Take a server from %1").arg(name), this,
                       [=, this] { build(withoutServer(lab_.design(), cluster)); });
        menu.addAction(tr("Attach a leaf node to %1").arg(name), this,
                       [=, this] { build(withLeaf(lab_.design(), cluster)); });
    } else if (chosen != nullptr) {
        menu.addAction(
            tr("Remove the leaf node %1").arg(chosen->name), this,
            [this, name = chosen->name.toStdString()] { build(withoutLeaf(lab_.design(), name)); });
    }
    menu.addAction(tr("Add a cluster"), this, [this] { build(withCluster(lab_.design())); });
    auto const& clusters = design.topology.clusters;
    if (clusters.size() > 1 && design.topology.super_cluster.size() < clusters.size()) {
        menu.addAction(tr("Join all clusters by gateways"), this, [this] {
            host::lab::Scenario next = lab_.design();
            for (host::lab::ClusterSpec const& one : lab_.design().topology.clusters) {
                next =
                    joined(std::move(next), one.name, lab_.design().topology.clusters.front().name);
            }
            build(std::move(next));
        });
    }
    if (!design.topology.super_cluster.empty()) {
        menu.addAction(tr("Take the gateways away"), this,
                       [this] { build(separated(lab_.design())); });
    }
    if (view_.selected().edge >= 0) {
        addLatencies(menu, view_.graph().edges[static_cast<std::size_t>(view_.selected().edge)]);
    }
}

void LabTools::fillServerMenu(QMenu& menu, QString const& name) {
    for (QAction* const action : {pause_, kill_, restart_, drain_}) {
        menu.addAction(action);
    }
    menu.addAction(tr("Stop in good order"), this, [this] { doTo(Deed::Stop); });
    menu.addSeparator();
    auto const index = static_cast<int>(lab_.serverNames().indexOf(name));
    QString const url = lab_.urlOf(std::max(0, index));
    menu.addAction(icon(QStringLiteral("copy")), tr("Copy %1").arg(url), this, [this, url] {
        QGuiApplication::clipboard()->setText(url);
        emit navigation_.said(tr("Copied: %1").arg(url));
    });
    menu.addAction(tr("Show %1 on the other pages").arg(name), this,
                   [this, index] { lab_.selectServer(index); });
    menu.addSeparator();
}

void LabTools::fillLinkMenu(QMenu& menu, TopologyEdge const& edge) {
    host::lab::Cut const cut = cutFor(view_.graph(), edge);
    QString const a = QString::fromStdString(cut.a.front());
    QString const b = QString::fromStdString(cut.b.front());
    menu.addAction(tr("Cut between %1 and %2").arg(a, b), this, [this, cut] { act(cut); });
    menu.addAction(tr("Cut from %1 to %2 alone").arg(a, b), this, [this, cut] {
        act(host::lab::Cut{cut.a, cut.b, true});
    });
    menu.addAction(tr("Cut from %1 to %2 alone").arg(b, a), this, [this, cut] {
        act(host::lab::Cut{cut.b, cut.a, true});
    });
    menu.addAction(tr("Heal between %1 and %2").arg(a, b), this, [this, cut] {
        act(Heal{cut.a, cut.b});
    });
    menu.addAction(tr("Break the connection"), this, [this, cut] {
        act(host::lab::Break{cut.a.front(), cut.b.front()});
    });
    addLatencies(menu, edge);
    menu.addSeparator();
}

void LabTools::addLatencies(QMenu& menu, TopologyEdge const& edge) {
    if (edge.kind == TopologyEdge::Kind::Clients) {
        return;
    }
    host::lab::Cut const ends = cutFor(view_.graph(), edge);
    QMenu* const latencies = menu.addMenu(tr("Latency"));
    for (int const milliseconds : kLatencies) {
        host::lab::LinkSpec link{ends.a.front(), ends.b.front(), {}};
        link.profile.latency = base::milliseconds(milliseconds);
        link.profile.jitter = base::microseconds(milliseconds * 100);
        QString const text = milliseconds == 0 ? tr("none") : tr("%1 ms").arg(milliseconds);
        latencies->addAction(text, this, [this, link] {
            if (lab_.cluster() != nullptr) {
                act(host::lab::ChangeLink{link});
            } else {
                build(withLink(lab_.design(), link));
            }
        });
    }
}

TopologyNode const* LabTools::selectedServer() const {
    int const node = view_.selected().node;
    if (node < 0) {
        return nullptr;
    }
    TopologyNode const& one = view_.graph().nodes[static_cast<std::size_t>(node)];
    return one.kind == TopologyNode::Kind::Server ? &one : nullptr;
}

std::string LabTools::selectedName() const {
    TopologyNode const* const server = selectedServer();
    return server == nullptr ? std::string() : server->name.toStdString();
}

void LabTools::act(host::lab::Action const& action) {
    lab_.act(action);
    emit navigation_.said(QString::fromStdString(host::lab::action_text(action)));
}

void LabTools::doTo(Deed deed) {
    if (std::string const name = selectedName(); !name.empty()) {
        act(Act{deed, {name}, std::nullopt});
    }
}

void LabTools::pauseOrResume() {
    TopologyNode const* const server = selectedServer();
    if (server != nullptr) {
        doTo(server->state == TopologyState::Paused ? Deed::Resume : Deed::Pause);
    }
}

void LabTools::cutDrawn(QLineF const& line, std::vector<int> const& edges) {
    std::optional<host::lab::Cut> const cut =
        cutFor(view_.graph(), edges, line, [this](int node) { return view_.positionOf(node); });
    if (cut) {
        act(*cut);
    } else {
        emit navigation_.said(tr("The line crosses no link between servers."));
    }
}

/// From a server to another, or to an empty place.
void LabTools::linkDrawn(int from, int to) {
    if (lab_.cluster() != nullptr) {
        emit navigation_.said(tr("Stop the cluster before it is built anew."));
        return;
    }
    auto const clusterOf = [this](int node) {
        return node < 0 ? std::string()
                        : view_.graph().nodes[static_cast<std::size_t>(node)].cluster.toStdString();
    };
    std::string const a = clusterOf(from);
    std::string const b = clusterOf(to);
    if (to < 0 && !a.empty()) {
        build(withServer(lab_.design(), a));
    } else if (!a.empty() && !b.empty() && a != b) {
        build(joined(lab_.design(), a, b));
    }
}

void LabTools::build(host::lab::Scenario scenario) {
    QString const problem = lab_.setDesign(std::move(scenario));
    if (!problem.isEmpty()) {
        emit navigation_.said(problem);
    }
}

void LabTools::openScenario() {
    QString const path = QFileDialog::getOpenFileName(view_.window(), tr("Open a scenario"), {},
                                                      tr("Scenarios (*.scn);;All files (*)"));
    if (path.isEmpty()) {
        return;
    }
    QString const problem = lab_.open(path);
    if (!problem.isEmpty()) {
        QMessageBox::warning(view_.window(), tr("Not opened"), problem);
    }
}

void LabTools::saveScenario() {
    QString const path = QFileDialog::getSaveFileName(view_.window(), tr("Save as a scenario"), {},
                                                      tr("Scenarios (*.scn);;All files (*)"));
    if (path.isEmpty()) {
        return;
    }
    QSaveFile file(path);
    QByteArray const text = QByteArray::fromStdString(host::lab::scenario_text(lab_.design()));
    bool const saved =
        file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit();
    emit navigation_.said(saved ? tr("Saved: %1").arg(path)
                                : tr("Not saved: %1").arg(file.errorString()));
}

void LabTools::saveConfigurations() {
    QString const folder =
        QFileDialog::getExistingDirectory(view_.window(), tr("Write configuration files"));
    if (folder.isEmpty()) {
        return;
    }
    QString const problem = lab_.writeConfigurations(folder);
    emit navigation_.said(problem.isEmpty() ? tr("Written to %1").arg(folder) : problem);
}

void LabTools::showState() {
    host::lab::LocalCluster const* const cluster = lab_.cluster();
    bool const runs = cluster != nullptr;
    TopologyNode const* const server = selectedServer();
    bool const chosen = runs && server != nullptr;
    bool const up =
        chosen && server->state != TopologyState::Down && server->state != TopologyState::Stopping;
    cut_->setEnabled(runs && cluster->size() > 1);
    heal_->setEnabled(runs && cluster->links().any_blocked());
    kill_->setEnabled(up);
    pause_->setEnabled(up);
    drain_->setEnabled(up);
    restart_->setEnabled(chosen);
    bool const paused = chosen && server->state == TopologyState::Paused;
    pause_->setText(paused ? tr("Go on") : tr("Pause"));
    restart_->setText(chosen && !up ? tr("Start") : tr("Restart"));
    play_->setEnabled(runs && !cluster->playing() && !lab_.design().steps.empty());
}

}  // namespace signalbox::gui
