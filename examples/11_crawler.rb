#!/usr/bin/env ruby
# frozen_string_literal: true

# A crawler: twenty threads wait for pages at the same time, a Set under a lock makes sure that each
# page is fetched once, and links that were found go back to the fetching stage. The run ends by
# itself when nothing is left to follow. The "site" is a Hash, so that the example needs no network.

require_relative "../lib/minigun"

# Follows the links of a site from a few addresses on.
class SiteCrawler
  include Minigun::DSL

  attr_reader :pages, :missing

  # @param site [Hash{String => Array<String>}] the links of each page
  def initialize(site, seeds)
    @site = site
    @seeds = seeds
    @seen = Set.new
    @lock = Mutex.new
    @pages = []
    @missing = []
  end

  pipeline do
    producer(:seeds) { @seeds.each { |path| emit path } }

    threads(20) do
      processor :fetch do |path|
        next unless first_time?(path)

        page = get(path)
        next @lock.synchronize { @missing << path } unless page

        emit page
      end
    end

    processor :follow do |page|
      page[:links].each { |path| emit_to_stage :fetch, path }
      emit page
    end

    consumer(:store) { |page| @pages << page }
  end

  private

  def first_time?(path)
    @lock.synchronize { @seen.add?(path) }
  end

  # Stands for a request that takes its time.
  def get(path)
    sleep 0.02
    links = @site[path]
    { path: path, title: path.delete_prefix("/").capitalize, links: links } if links
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  site = { "/home" => %w[/news /about], "/news" => %w[/home /archive /lost], "/about" => %w[/home /team],
           "/archive" => %w[/news], "/team" => %w[/about /home] }
  job = SiteCrawler.new(site, %w[/home /home /about])
  job.run

  lines = job.pages.map { |page| "#{page[:path]}: #{page[:title]}, #{page[:links].size} links" }
  puts lines.sort
  puts "missing: #{job.missing.join(", ")}"
end
